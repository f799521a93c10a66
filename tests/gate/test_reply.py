"""The text of a refusal fits into an SMTP reply, whatever the domains."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import ConfigurationError
from streams.gate.reply import LONGEST_REPLY, ReplyText, read_reply

OWN = read_reply(None)


def test_what_a_sender_reads() -> None:
    assert OWN.confirmable("army.ml", "army.mil", 30_000) == (
        "[straymail] army.ml is probably a mistake for army.mil. If you do mean army.ml, send the mail again after "
        "30 seconds."
    )
    assert "send the mail again" not in OWN.final("army.ml", "army.mil")


def test_the_wait_is_rounded_up() -> None:
    assert "after 1 second." in OWN.confirmable("army.ml", "army.mil", 1)


@given(st.text("abcö-.", min_size=1, max_size=253), st.text("abc.", max_size=253))
def test_it_is_one_line_of_ascii_and_short(domain: str, intended: str) -> None:
    for text in (OWN.confirmable(domain, intended, 30_000), OWN.final(domain, intended)):
        assert text.isascii()
        assert text.isprintable()
        assert len(text) <= LONGEST_REPLY
        assert text.startswith("[straymail] ")


def test_a_long_name_keeps_its_beginning_and_its_end() -> None:
    text = OWN.confirmable(f"begin.{'x' * 60}.{'y' * 60}.ml", "army.mil", 0)
    assert "begin.xxx" in text
    assert "yyy.ml is probably" in text


def test_a_text_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "reply.txt"
    file.write_text("$domain? Warten: $wait. 5 $$\n\n$domain: nein ($intended).\n")
    own = read_reply(file)
    assert own.confirmable("army.ml", "army.mil", 2_000) == "[straymail] army.ml? Warten: 2 seconds. 5 $"
    assert own.final("army.ml", "army.mil") == "[straymail] army.ml: nein (army.mil)."


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("one line\n", "needs 2 lines"),
        ("a\nb\nc\n", "needs 2 lines"),
        ("$domain\n$sender\n", "the placeholders are"),
        ("$domain\n5 $\n", "the placeholders are"),
        ("$domain für\nb\n", "printable ASCII"),
        ("a\x07\nb\n", "printable ASCII"),
        (f"{'x' * 301}\nb\n", "at most 300"),
    ],
)
def test_one_that_cannot_be_used(text: str, problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        ReplyText(text, "reply.txt")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"gate\.reply: can't read"):
        read_reply(tmp_path / "none.txt")
