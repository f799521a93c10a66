"""The source that a file is likely for."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from streams.sources.likely import likely_source
from tests.sources.read_log import SAMPLES

FILES = {
    "postfix": ["postfix/mail.log"],
    "exim": ["exim/mainlog"],
    "m365": ["m365/powershell.csv", "m365/summary.csv", "m365/powershell.json"],
    "google": ["google/bigquery.json", "google/email_log_search.csv"],
    "zeek": ["zeek/smtp.log", "zeek/smtp.json"],
    "suricata": ["suricata/eve.json"],
    "mbox": ["mailbox/sent.mbox"],
}


@pytest.mark.parametrize(("kind", "file"), [(kind, file) for kind, files in FILES.items() for file in files])
def test_each_sample_is_for_its_source(kind: str, file: str) -> None:
    tried = "exim" if kind != "exim" else "postfix"
    assert likely_source(str(SAMPLES / file), other_than=tried) == kind


def test_a_compressed_file(tmp_path: Path) -> None:
    path = tmp_path / "mainlog.1.gz"
    path.write_bytes(gzip.compress((SAMPLES / "exim" / "mainlog").read_bytes()))
    assert likely_source(str(path), other_than="postfix") == "exim"


@pytest.mark.parametrize("content", [b"", b"\x00\xff" * 999, b"Mar 22 08:00:01 mx dovecot: hello\n", b"{}\n[]\n"])
def test_a_file_without_mail_is_for_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "some").write_bytes(content)
    assert likely_source(str(tmp_path / "some"), other_than="postfix") is None
