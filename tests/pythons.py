"""The other Pythons that straymail supports, for the quick tests: `python -m tests.pythons` prints where they are.

What is installed is taken; 3.13 and 3.14 come from Maven Central otherwise, where JavaCPP publishes CPython builds.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from tests.cache import UnavailableError, cached

SUPPORTED = ("3.11", "3.12", "3.13", "3.14")
PUBLISHED = {"3.13": "3.13.5-1.5.12", "3.14": "3.14.3-1.5.13"}
"""Versions of the Maven artifact org.bytedeco:cpython. Its 3.12 wants a libffi that Debian 12 hasn't."""
INSIDE = Path("org", "bytedeco", "cpython", "linux-x86_64", "bin")
FETCH_SECONDS = 600


def python(version: str) -> Path:
    """An interpreter of that version ("3.13"), fetched where none is installed; raises UnavailableError."""
    name = f"python{version}"
    installed = next((path for path in _candidates(name) if _version(path) == version), None)
    return (
        installed
        or cached(f"cpython-{PUBLISHED.get(version, version)}", lambda folder: _fetch(version, folder)) / INSIDE / name
    )


def _candidates(name: str) -> Iterator[Path]:
    """On the path, which may be a shim of pyenv for a version that isn't selected; then what pyenv installed."""
    if (found := shutil.which(name)) is not None:
        yield Path(found)
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from sorted(pyenv.glob(f"versions/*/bin/{name}"))


def _version(python: Path) -> str:
    """3.13 for example; empty where it doesn't run."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    run = subprocess.run([python, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    return run.stdout.strip()


def _fetch(version: str, folder: Path) -> None:
    if version not in PUBLISHED or platform.machine() != "x86_64" or shutil.which("mvn") is None:
        raise UnavailableError(f"there is no python{version} on the path and no way to fetch it")
    artifact = f"org.bytedeco:cpython:{PUBLISHED[version]}:jar:linux-x86_64"
    command = ["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={artifact}", f"-DoutputDirectory={folder}"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=FETCH_SECONDS, check=False)
    if run.returncode != 0:
        raise UnavailableError(f"mvn can't fetch {artifact}: {' / '.join(run.stdout.splitlines()[-3:])}")
    [jar] = folder.glob("*.jar")
    with zipfile.ZipFile(jar) as packed:
        packed.extractall(folder, [name for name in packed.namelist() if "/test/" not in name])
    jar.unlink()
    program = folder / INSIDE / f"python{version}"
    program.chmod(0o755)  # Java's zip files have no modes, and bring no bytecode
    subprocess.run(
        [program, "-m", "compileall", "-q", folder / INSIDE.parent / "lib"], check=True, timeout=FETCH_SECONDS
    )


if __name__ == "__main__":
    for version in SUPPORTED:
        try:
            if version != _version(Path(sys.executable)):
                print(version, python(version))
        except UnavailableError as reason:
            print(f"Python {version} is not tested: {reason}", file=sys.stderr)
