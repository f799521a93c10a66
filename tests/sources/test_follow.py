"""A log that grows, is rotated, truncated, and followed again after a restart: each line once, in order."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from streams.errors import UsageError
from streams.sources.files import Problem
from streams.sources.follow import Position, Tail, load_position, save_position


class Log:
    """A log file, the lines read from it with their numbers, and the problems reported."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "mail.log"
        self.path.touch()
        self.problems: list[Problem] = []
        self.seen: list[bytes] = []
        self.numbers: list[int] = []
        self.written = self.rotated = 0
        self.expected_numbers: list[int] = []
        self.tail = self.open(None)

    def open(self, position: Position | None, *, from_start: bool = True) -> Tail:
        return Tail(self.path, self.problems.append, position, from_start=from_start)

    def write(self, lines: int = 1) -> None:
        with self.path.open("ab") as file:
            for _ in range(lines):
                self.written += 1
                self.expected_numbers.append(self.written - self.rotated)
                file.write(b"line %d\n" % self.written)

    def read(self) -> None:
        while lines := self.tail.read(at_most=3):
            self.seen += [line.value for line in lines]
            self.numbers += [line.number for line in lines]

    def restart(self) -> None:
        position = self.tail.position(None)
        self.tail.close()
        self.tail = self.open(position)

    def rotate(self) -> None:
        for number in (3, 2, 1):
            old = self.path.with_name(f"mail.log.{number}")
            if old.exists():
                old.rename(self.path.with_name(f"mail.log.{number + 1}"))
        self.path.rename(self.path.with_name("mail.log.1"))
        self.path.touch()
        self.rotated = self.written

    @property
    def expected(self) -> list[bytes]:
        return [b"line %d" % number for number in range(1, self.written + 1)]


STEPS = ("write", "read", "restart", "rotate")


@pytest.mark.fuzz
@given(st.lists(st.sampled_from(STEPS), max_size=25))
@settings(max_examples=150, deadline=None)
def test_every_line_once_whatever_happens(tmp_path_factory: pytest.TempPathFactory, steps: list[str]) -> None:
    """A running follower reaches the log's end at least once between two rotations."""
    log = Log(tmp_path_factory.mktemp("log"))
    rotations = 0
    try:
        for step in steps:
            rotations = rotations + 1 if step == "rotate" else 0 if step == "read" else rotations
            if rotations > 1:
                log.read()  # a running follower reads four times a second
                rotations = 1
            getattr(log, step)()
        log.read()
        assert log.seen == log.expected
        assert log.numbers == log.expected_numbers
        assert log.problems == []
    finally:
        log.tail.close()


def test_several_rotations_while_nobody_followed(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.write(5)
    log.read()
    position = log.tail.position("state")
    log.tail.close()
    for _ in range(3):
        log.write(2)
        log.rotate()
    log.write()
    log.tail = log.open(position)
    log.read()
    assert (log.seen, log.numbers) == (log.expected, log.expected_numbers)
    log.tail.close()


def test_half_a_line_waits_for_its_end(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.write()
    with log.path.open("ab") as file:
        file.write(b"half")
        file.flush()
        log.read()
        assert log.seen == [b"line 1"]
        assert log.tail.position(None).offset == len(b"line 1\n")
        file.write(b" a line\n")
    log.read()
    assert log.seen == [b"line 1", b"half a line"]
    log.tail.close()


@pytest.mark.parametrize("lines", [1, 3, 9])
def test_a_log_that_is_truncated_and_rewritten_is_read_again(tmp_path: Path, lines: int) -> None:
    """As by logrotate's copytruncate, with fewer, as many and more lines than before."""
    log = Log(tmp_path)
    log.write(3)
    log.read()
    shutil.copy(log.path, tmp_path / "mail.log.1")
    log.path.write_bytes(b"")
    log.written = 100
    log.write(lines)
    log.read()
    assert log.seen[3:] == [b"line %d" % number for number in range(101, 101 + lines)]
    assert log.numbers[3:] == list(range(1, lines + 1))
    log.tail.close()


def test_without_a_position_it_begins_at_the_end(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.write(3)
    with log.path.open("ab") as file:
        file.write(b"this line is bei")
    log.tail.close()
    log.tail = log.open(None, from_start=False)
    log.read()
    assert log.seen == []
    with log.path.open("ab") as file:
        file.write(b"ng written\n")
    log.read()
    assert log.seen == [b"this line is being written"]
    assert log.numbers == [4]
    log.tail.close()


def test_a_log_that_was_compressed_meanwhile_is_reported(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.write(3)
    log.read()
    position = log.tail.position(None)
    log.tail.close()
    (tmp_path / "mail.log.1.gz").write_bytes(gzip.compress(log.path.read_bytes()))
    log.path.rename(tmp_path / "elsewhere")
    log.path.write_bytes(b"a new one\n")
    log.tail = log.open(position)
    log.read()
    assert log.seen[3:] == [b"a new one"]
    assert [problem.reason for problem in log.problems] == ["lost-position"]
    log.tail.close()


def test_a_line_without_end_is_skipped(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.write()
    with log.path.open("ab") as file:
        file.write(b"x" * (3 * 1024 * 1024) + b"\n")
    log.write()
    log.read()
    assert log.seen == [b"line 1", b"line 2"]
    assert log.numbers == [1, 3]
    assert [(problem.reason, problem.number) for problem in log.problems] == [("too-long", 2)]
    log.tail.close()


def test_a_position_of_an_older_version_has_no_number_of_lines(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.write(3)
    log.read()
    position = structs.replace(log.tail.position(None), lines=None)
    log.tail.close()
    log.write()
    log.tail = log.open(position)
    log.read()
    assert log.numbers == [1, 2, 3, 4]
    log.tail.close()


def test_positions_are_saved_atomically(tmp_path: Path) -> None:
    path = tmp_path / "mail.position"
    assert load_position(path) is None
    position = Position(inode=1, offset=2, head="ab", head_bytes=2, state="{}")
    save_position(path, position)
    assert load_position(path) == position
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_bytes(b'{"inode": 1')
    with pytest.raises(UsageError, match="is not a position file"):
        load_position(path)
    with pytest.raises(UsageError, match="can't write the position"):
        save_position(tmp_path / "nowhere" / "position", position)
    with pytest.raises(UsageError, match="can't follow"):
        Tail(tmp_path / "nothing.log", print, None, from_start=True)
