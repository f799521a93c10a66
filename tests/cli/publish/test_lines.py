"""Lines are read with their line numbers, from plain and compressed files."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from streams.cli.publish.lines import Line, read_lines
from streams.errors import StraymailError, UsageError
from streams.sources.files import size_of


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    (tmp_path / "a.jsonl").write_bytes(b"one\r\n\n\xfftwo")
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(b"three\nfour\n"))
    return [str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl.gz")]


def test_lines_and_line_numbers(files: list[str]) -> None:
    plain, packed = files
    assert list(read_lines(files)) == [
        Line(plain, 1, b"one"),
        Line(plain, 3, b"\xfftwo"),
        Line(packed, 1, b"three"),
        Line(packed, 2, b"four"),
    ]
    assert Line(plain, 3, b"").place == f"{plain}:3"


def test_progress_ends_at_the_size(files: list[str]) -> None:
    seen: list[int] = []
    list(read_lines(files, seen.append))
    assert seen == sorted(seen)
    assert seen[-1] == size_of(files) == sum(Path(name).stat().st_size for name in files)


def test_the_size_of_stdin_is_unknown(files: list[str]) -> None:
    assert size_of([*files, "-"]) is None


@pytest.mark.parametrize("content", [b"one\ntwo\n", gzip.compress(b"one\ntwo\n")], ids=["plain", "gzip"])
def test_stdin(content: bytes) -> None:
    code = "from streams.cli.publish.lines import read_lines; print([(l.place, l.value) for l in read_lines(['-'])])"
    shown = subprocess.run([sys.executable, "-c", code], input=content, capture_output=True, timeout=60, check=True)
    assert shown.stdout == b"[('stdin:1', b'one'), ('stdin:2', b'two')]\n"


def test_a_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"can't read .*nosuch: No such file"):
        list(read_lines([str(tmp_path / "nosuch")]))


def test_the_lines_of_a_truncated_file_are_read(tmp_path: Path) -> None:
    cut = tmp_path / "cut.gz"
    cut.write_bytes(gzip.compress(b"one\n" * 100_000)[:-20])
    lines = read_lines([str(cut)])
    assert next(lines).value == b"one"
    with pytest.raises(StraymailError, match="is truncated or damaged"):
        list(lines)
