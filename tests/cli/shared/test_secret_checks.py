"""What is found about secrets, and a worker that starts with bad ones: it says so, goes on, and writes no file."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from streams.cli.shared.secret_checks import SHORTEST_KEY, file_lines, key_line, start_warnings
from streams.config import Settings, load_settings
from streams.errors import ConfigurationError
from tests.pipeline.worker import WorkerProcess


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """A key of one byte that everybody can read and write."""
    path = tmp_path / "privacy.key"
    path.write_text("k")
    path.chmod(0o666)
    return path


@pytest.mark.parametrize(
    ("key", "level"),
    [("straymail", "warning"), ("", "error"), ("k" * (SHORTEST_KEY - 1), "error"), ("k" * SHORTEST_KEY, "ok")],
)
def test_keys(key: str, level: str) -> None:
    assert key_line(load_settings(overrides={"privacy": {"key": key}})).level == level


def test_the_public_default_in_a_file_is_a_short_key(key_file: Path) -> None:
    key_file.write_text("straymail\n")
    assert key_line(load_settings(overrides={"privacy": {"key_file": key_file}})).level == "error"


def test_no_line_shows_the_secret(key_file: Path) -> None:
    key_file.write_text("hush-hush")
    settings = load_settings(overrides={"privacy": {"key_file": key_file}})
    lines = [key_line(settings), *file_lines(settings)]
    assert [line.level for line in lines] == ["error", "warning"]
    assert "hush" not in "".join(text for line in lines for text in dataclasses.astuple(line))


def test_a_laptop_needs_no_warning_when_a_worker_starts() -> None:
    assert start_warnings(load_settings()) == []


def test_a_key_that_cannot_be_read_ends_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"privacy.key_file: can't read"):
        start_warnings(load_settings(overrides={"privacy": {"key_file": tmp_path / "none"}}))


@pytest.mark.process
def test_a_worker_with_a_bad_key_says_so_goes_on_and_writes_no_file(
    pipeline: Settings, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("STRAYMAIL_BROKERS", "STRAYMAIL_TOPIC_PREFIX", "STRAYMAIL_PRIVACY_KEY"):
        monkeypatch.delenv(name)
    folder = key_file.with_name("work")
    folder.mkdir()
    monkeypatch.chdir(folder)
    own = {"BROKERS": pipeline.brokers, "TOPIC_PREFIX": pipeline.topic_prefix, "TOPICS_CREATE": "false"}
    with WorkerProcess(own | {"PRIVACY_KEY_FILE": str(key_file)}) as worker:
        worker.wait_ready()
        assert worker.stop() == 0
        assert f"privacy: the key has fewer than {SHORTEST_KEY} bytes" in worker.log
        assert f"{key_file} can be read and written by its group and others (mode 0666)" in worker.log
    assert list(folder.iterdir()) == []
