"""axe-core, from npm: fetched once, verified against the lock file, kept in the user's cache."""

from __future__ import annotations

import shutil
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.cache import UnavailableError, cached
from tests.console.browser import Browser

HERE = Path(__file__).parent
FILES = ("package.json", "package-lock.json")
FETCH_SECONDS = 300
SERIOUS = ("serious", "critical")


def axe_source() -> str:
    """The text of axe-core's script. Raises UnavailableError."""
    target = cached(f"axe-{sha256((HERE / FILES[1]).read_bytes()).hexdigest()[:12]}", _fetch)
    return (target / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def serious_problems(browser: Browser, source: str) -> list[str]:
    """The serious and critical problems that axe finds on the page as it is now: rule, element and summary of each."""
    browser.script(source + ";")
    result: dict[str, Any] = browser.driver.execute_async_script(
        "const done = arguments[0];"
        "axe.run(document, {resultTypes: ['violations']}).then(done, (e) => done({failed: String(e)}))"
    )
    assert "failed" not in result, result
    return [
        f"{found['id']}: {node['target']} {node['failureSummary']}"
        for found in result["violations"]
        if found["impact"] in SERIOUS
        for node in found["nodes"]
    ]


def _fetch(folder: Path) -> None:
    if shutil.which("npm") is None:
        raise UnavailableError("no npm on the path and no axe-core in the cache: install npm")
    for file in FILES:
        shutil.copy(HERE / file, folder)
    run = subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=FETCH_SECONDS,
        check=False,
    )
    if run.returncode != 0:
        raise UnavailableError(f"npm can't fetch axe-core: {run.stderr.strip()[-300:]}")
