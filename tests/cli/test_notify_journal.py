"""The journal on disk, as the command creates it."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.config import Settings
from tests.cli.conftest import RunCommand


def test_the_journal_is_for_its_owner_alone_and_one_that_is_not_is_warned_of(
    pipeline: Settings, run: RunCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = tmp_path / "journal.sqlite"
    own = {"STATE": str(journal), "FROM_ADDRESS": "soc@mod.gov.uk"}
    for name, value in {f"NOTIFY_{name}": value for name, value in own.items()}.items():
        monkeypatch.setenv(f"STRAYMAIL_{name}", value)
    monkeypatch.setenv("STRAYMAIL_OWN_DOMAINS", "mod.gov.uk")
    first = run("notify", "--send", "--until-end")
    assert (first.exit_code, first.err) == (0, "")
    assert journal.stat().st_mode & 0o777 == 0o600
    journal.chmod(0o640)
    assert f"{journal} can be read by its group (mode 0640)" in run("notify", "--send", "--until-end").err
    assert [file.name for file in tmp_path.iterdir()] == [journal.name]
