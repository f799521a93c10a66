"""The token in a file, as console and gate read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.errors import ConfigurationError
from streams.http.token_file import TOKEN_LENGTH, read_token

TEXT = "0123456789abcdef"


def test_blanks_around_a_token_are_no_part_of_it(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f" {TEXT}\r\n")
    assert read_token(file, "console.token_file") == TEXT


@pytest.mark.parametrize("content", [b"", b"\n", TEXT[:-1].encode() + b"\n", b"\xff" * TOKEN_LENGTH])
def test_what_is_no_token_is_refused_by_the_settings_name(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "token"
    file.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"^gate\.token_file: .*token"):
        read_token(file, "gate.token_file")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"^gate\.token_file: can't read .*/nowhere: .*No such file"):
        read_token(tmp_path / "nowhere", "gate.token_file")
