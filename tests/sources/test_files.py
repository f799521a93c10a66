"""Files as they are found: compressed, truncated, in other encodings, with lines that never end."""

from __future__ import annotations

import bz2
import gzip
import lzma
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from streams.errors import UsageError
from streams.sources.files import expand, first_time_ms, records
from streams.sources.registry import source_named
from streams.sources.source import SourceOptions
from tests.sources.read_log import SAMPLES, by_message_id, read

LOG = (SAMPLES / "postfix" / "mail.log").read_bytes()
EVENTS = by_message_id(read("postfix", [SAMPLES / "postfix" / "mail.log"])[0])


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress, bytes])
def test_compressed_logs_by_their_first_bytes(tmp_path: Path, compress: Callable[[bytes], bytes]) -> None:
    (tmp_path / "any-name").write_bytes(compress(LOG))
    events, problems, _ = read("postfix", [tmp_path / "any-name"])
    assert by_message_id(events) == EVENTS
    assert problems == []


@pytest.mark.parametrize("compress", [gzip.compress, lambda data: bz2.compress(data, 1), lzma.compress])
def test_a_truncated_file_is_reported_and_its_records_before_that_are_read(
    tmp_path: Path, compress: Callable[[bytes], bytes]
) -> None:
    noise = random.Random(1).randbytes(200_000).hex().encode()
    whole = compress(LOG + b"\n".join(noise[at : at + 100] for at in range(0, len(noise), 100)))
    (tmp_path / "1.gz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "2").write_bytes(b"Nov 24 06:50:00 mx1 postfix/qmgr[1]: 4A1B2C3D: removed\n")
    _, problems, summary = read("postfix", [tmp_path / "1.gz", tmp_path / "2"])
    assert next(problem for problem in problems if problem.number == 0).reason == "cut-short"
    assert summary.problems["cut-short"] == 1
    assert summary.records > 1


def test_rubbish_after_a_gzip_is_reported(tmp_path: Path) -> None:
    (tmp_path / "log.gz").write_bytes(gzip.compress(LOG) + b"rubbish")
    events, problems, _ = read("postfix", [tmp_path / "log.gz"])
    assert by_message_id(events) == EVENTS
    assert [problem.reason for problem in problems] == ["cut-short"]


@pytest.mark.parametrize("is_marked", [True, False])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings_with_and_without_a_mark(tmp_path: Path, encoding: str, is_marked: bool) -> None:
    text = (SAMPLES / "m365" / "powershell.csv").read_text()
    mark = "\ufeff" if is_marked and encoding in ("utf-16-le", "utf-16-be") else ""
    (tmp_path / "trace.csv").write_bytes((mark + text).encode(encoding))
    events, problems, _ = read("m365", [tmp_path / "trace.csv"])
    assert len(events) == 3
    assert problems == []
    (tmp_path / "cut.csv").write_bytes((mark + text).encode(encoding)[:-31])
    events, problems, _ = read("m365", [tmp_path / "cut.csv"])
    assert len(problems) == 1


def test_the_wrong_encoding_loses_no_mail(tmp_path: Path) -> None:
    text = (SAMPLES / "m365" / "powershell.csv").read_text()
    (tmp_path / "trace.csv").write_bytes(text.encode("latin-1"))
    events, problems, _ = read("m365", [tmp_path / "trace.csv"])
    assert "Gr\ufffd\ufffde aus K\ufffdln" in {event.subject for event in events}
    assert (len(events), problems) == (3, [])


def test_a_line_of_100_mb_is_reported_and_skipped(tmp_path: Path) -> None:
    path = tmp_path / "mail.log"
    with path.open("wb") as file:
        file.write(LOG)
        for _ in range(100):
            file.write(b"x" * 1024 * 1024)
        file.write(b"\n" + LOG.splitlines(keepends=True)[0])
    events, problems, summary = read("postfix", [path])
    assert by_message_id(events) == EVENTS
    assert [(problem.reason, problem.number) for problem in problems] == [("too-long", 90)]
    assert summary.records == 90


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such file"):
        expand([str(tmp_path / "none")], "lines")
    with pytest.raises(UsageError, match="is a folder"):
        expand([str(tmp_path)], "lines")
    (tmp_path / "empty").touch()
    assert list(records(str(tmp_path / "empty"), "lines", print)) == []
    assert first_time_ms(str(tmp_path / "empty"), source_named("postfix", SourceOptions())) is None
