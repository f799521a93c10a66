"""Files of known domains."""

from pathlib import Path

import pytest

from streams.domains.watchlist.known import read_known_domains
from streams.errors import ConfigurationError


@pytest.mark.parametrize(
    "text",
    [
        "army.ml\nexample.org\n",
        "1,army.ml\n2,example.org\n",
        "# ours\n\n ARMY.ml. # in Mali\r\nexample.org",
        "\N{BYTE ORDER MARK}army.ml\nexample.org",
    ],
)
def test_one_name_a_line_with_or_without_a_rank(tmp_path: Path, text: str) -> None:
    path = tmp_path / "known"
    path.write_text(text, encoding="utf-8")
    assert read_known_domains(path) == {"army.ml", "example.org"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"army.ml\nar my.ml\n", "line 2"), (b"\xff", "can't be read"), (None, "can't be read")],
)
def test_a_bad_file_is_refused(tmp_path: Path, content: bytes | None, reason: str) -> None:
    path = tmp_path / "known"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=reason):
        read_known_domains(path)
