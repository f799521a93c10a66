"""Files that only their owner may read."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.errors import UsageError
from streams.files import create_private, write_private


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def test_a_new_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "out"
    write_private(path, "\N{LATIN SMALL LETTER U WITH DIAERESIS}")
    assert path.read_bytes() == b"\xc3\xbc"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_there_is_emptied_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("before")
    path.chmod(0o640)
    with create_private(path) as file:
        file.write(b"x")
    assert path.read_bytes() == b"x"
    assert path.stat().st_mode & 0o777 == 0o640


def test_what_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"can't write .*none/out: No such file or directory"):
        create_private(tmp_path / "none" / "out")
    with pytest.raises(UsageError, match=r"can't write .*: Is a directory"):
        write_private(tmp_path, "x")


def test_a_full_disk_is_told_in_a_sentence() -> None:
    with pytest.raises(UsageError, match="can't write /dev/full: No space left on device"):
        write_private(Path("/dev/full"), "x")
