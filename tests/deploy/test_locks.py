"""What the image is built from is fixed: its base by digest, everything from PyPI by hash."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
LOCKS = [DEPLOY / "requirements.lock", DEPLOY / "build-requirements.lock"]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())

lock = pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)


def locked(path: Path) -> dict[str, str]:
    """The version of each package."""
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;]+)", path.read_text(), flags=re.MULTILINE))


def wanted(path: Path) -> list[Requirement]:
    """What pyproject.toml wants of a lock file."""
    if path.stem == "requirements":
        project = PROJECT["project"]
        extras = [text for extra in ("dns", "channels") for text in project["optional-dependencies"][extra]]
        return [Requirement(text) for text in [*project["dependencies"], *extras]]
    texts = [*PROJECT["build-system"]["requires"], *PROJECT["dependency-groups"]["image"]]
    return [Requirement(text) for text in texts]


@lock
def test_the_lock_fits_the_project(path: Path) -> None:
    versions = locked(path)
    for requirement in wanted(path):
        assert versions[requirement.name.lower()] in requirement.specifier, f"renew the lock: {requirement}"


@lock
def test_every_line_of_the_lock_has_its_hash(path: Path) -> None:
    entries = re.findall(r"^[a-z0-9-]+==.*?(?=^[a-z0-9-]+==|\Z)", path.read_text(), flags=re.MULTILINE | re.DOTALL)
    assert len(entries) == len(locked(path))
    assert all("--hash=sha256:" in entry for entry in entries)


@lock
def test_the_lock_names_no_index(path: Path) -> None:
    text = path.read_text()
    assert "index-url" not in text
    assert "find-links" not in text
    assert "://" not in text


def test_the_bill_of_materials_is_judged_by_the_release_that_wrote_it() -> None:
    (tested,) = [
        text for text in PROJECT["project"]["optional-dependencies"]["dev"] if text.startswith("cyclonedx-bom")
    ]
    assert locked(LOCKS[1])["cyclonedx-bom"] in Requirement(tested).specifier


def test_the_image_stands_on_a_base_by_digest_and_pip_installs_by_hash() -> None:
    lines = (DEPLOY / "Containerfile").read_text().replace("\\\n", "").splitlines()
    (base,) = [line.removeprefix("ARG BASE=") for line in lines if line.startswith("ARG BASE=")]
    assert re.fullmatch(r"debian:bookworm-slim@sha256:[0-9a-f]{64}", base)
    assert [line.split()[1] for line in lines if line.startswith("FROM ")] == ["${BASE}", "system", "system"]
    installs = [part for line in lines for part in line.split("&&") if "pip" in part and " install " in part]
    from_pypi = [part for part in installs if "apt-get" not in part and "/wheel/*.whl" not in part]
    assert len(from_pypi) == len(LOCKS)
    assert all("--require-hashes" in part for part in from_pypi)
