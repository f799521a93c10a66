"""Digests are keyed, of fixed sizes, and differ by purpose."""

import pytest

from streams.findings.store.digests import Digests

DIGESTS = Digests(b"key")


def test_sizes() -> None:
    sizes = [
        len(digest)
        for digest in (
            DIGESTS.key("army.ml"),
            DIGESTS.sender("00" * 16),
            DIGESTS.mail("<1@mod.gov.uk>"),
            DIGESTS.domain("army.ml"),
            DIGESTS.recipients(["a@army.ml"], 1),
            DIGESTS.hit("1"),
            DIGESTS.rule("mine"),
        )
    ]
    assert sizes == [16, 8, 8, 4, 4, 8, 4]
    assert len(DIGESTS.finding_uid("mine", b"window")) == len(DIGESTS.correlation_uid("mine", b"key")) == 32


def test_another_key_gives_other_digests_whatever_its_length() -> None:
    keys = [b"key", b"yek", b"k" * 64, b"k" * 65, b"k" * 1_000]
    assert len({Digests(key).key("army.ml") for key in keys}) == len(keys)
    with pytest.raises(ValueError, match="must not be empty"):
        Digests(b"")


def test_the_same_text_for_another_purpose_has_another_digest() -> None:
    assert DIGESTS.mail("x") != DIGESTS.hit("x")
    assert DIGESTS.domain("x") != DIGESTS.rule("x")
    assert DIGESTS.finding_uid("x", b"y") != DIGESTS.correlation_uid("x", b"y")


def test_recipients_are_a_set_but_their_number_counts() -> None:
    assert DIGESTS.recipients(["a@x", "B@x"], 2) == DIGESTS.recipients(["b@x", "A@x"], 2)
    assert DIGESTS.recipients(["a@x", "b@x"], 2) != DIGESTS.recipients(["a@x", "b@x"], 200)
    assert DIGESTS.recipients(["a@x"], 1) != DIGESTS.recipients(["b@x"], 1)
