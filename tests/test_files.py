"""Files that only their owner may read, and those that others may read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.errors import UsageError
from streams.files import (
    check_folder,
    create_private,
    ensure_private,
    exposure,
    new_private,
    replace_private,
    write_private,
)


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def warnings() -> list[str]:
    return []


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def with_mode(path: Path, bits: int) -> Path:
    path.write_text("before")
    path.chmod(bits)
    return path


def test_a_new_file_is_for_its_owner_alone(tmp_path: Path, warnings: list[str]) -> None:
    write_private(tmp_path / "out", "\N{LATIN SMALL LETTER U WITH DIAERESIS}", warnings.append)
    assert (tmp_path / "out").read_bytes() == b"\xc3\xbc"
    new_private(tmp_path / "new").close()
    ensure_private(tmp_path / "library")
    replace_private(tmp_path / "replaced", b"x")
    assert {mode(path) for path in tmp_path.iterdir()} == {0o600}
    assert warnings == []


def test_a_file_that_is_there_is_emptied_and_keeps_its_mode_with_a_warning(tmp_path: Path, warnings: list[str]) -> None:
    path = with_mode(tmp_path / "out", 0o640)
    with create_private(path, warnings.append) as file:
        file.write(b"x")
    assert path.read_bytes() == b"x"
    assert mode(path) == 0o640
    assert warnings == [f"{path} can be read by its group (mode 0640): run chmod 600 {path}"]


def test_a_file_is_replaced_whole_and_keeps_its_mode(tmp_path: Path) -> None:
    path = with_mode(tmp_path / "position", 0o640)
    with_mode(tmp_path / "position.new", 0o666)
    with path.open("rb") as reader:
        replace_private(path, b"after")
        assert reader.read() == b"before"
    assert path.read_bytes() == b"after"
    assert mode(path) == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_that_somebody_put_there_is_not_followed(tmp_path: Path) -> None:
    victim = with_mode(tmp_path / "victim", 0o600)
    (tmp_path / "position.new").symlink_to(victim)
    replace_private(tmp_path / "position", b"after")
    assert victim.read_text() == "before"
    with pytest.raises(FileExistsError):
        new_private(victim)


@pytest.mark.parametrize(
    ("bits", "found"),
    [
        (0o600, None),
        (0o400, None),
        (0o711, None),
        (0o640, "can be read by its group (mode 0640)"),
        (0o644, "can be read by its group and others (mode 0644)"),
        (0o602, "can be written by others (mode 0602)"),
        (0o666, "can be read and written by its group and others (mode 0666)"),
    ],
)
def test_who_else_has_access(tmp_path: Path, bits: int, found: str | None) -> None:
    path = with_mode(tmp_path / "secret", bits)
    assert exposure(path) == (f"{path} {found}" if found else None)


@pytest.mark.skipif(os.geteuid() != 0, reason="gives a file to somebody else")
@pytest.mark.parametrize(("bits", "exposed"), [(0o440, False), (0o444, True), (0o460, True)])
def test_a_secret_that_kubernetes_mounts_is_read_through_the_group(tmp_path: Path, bits: int, exposed: bool) -> None:
    path = with_mode(tmp_path / "secret", bits)
    os.chown(path, 12_345, 12_345)
    assert (exposure(path) is not None) == exposed


def test_what_is_no_file_is_open_to_nobody(tmp_path: Path) -> None:
    assert [exposure(path) for path in (tmp_path / "none", Path("/dev/null"), tmp_path)] == [None] * 3


def test_what_cannot_be_written_is_reported_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"can't write .*none/out: No such file or directory"):
        create_private(tmp_path / "none" / "out", print)
    with pytest.raises(UsageError, match=r"can't write .*: Is a directory"):
        write_private(tmp_path, "x", print)


def test_a_full_disk_is_reported_in_a_sentence() -> None:
    with pytest.raises(UsageError, match="can't write /dev/full: No space left on device"):
        write_private(Path("/dev/full"), "x", print)


def test_a_file_that_is_written_last_has_a_folder_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_folder(tmp_path / "report.html")
    with pytest.raises(UsageError, match=r"can't write .*none/out: there is no folder .*/none$"):
        check_folder(tmp_path / "none" / "out")
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everywhere
    with pytest.raises(UsageError, match=r"can't write .*out: Permission denied"):
        check_folder(tmp_path / "out")
