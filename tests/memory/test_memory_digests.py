from __future__ import annotations

import pytest

from streams.memory.memory_digests import MemoryDigests, without_tag

DIGESTS = MemoryDigests(b"secret")


def test_a_person_is_the_same_in_any_spelling() -> None:
    assert DIGESTS.person("J.Smith+lists", "army.mil") == DIGESTS.person("j.smith", "army.mil")
    assert DIGESTS.person("jo\u0308rg", "army.mil") == DIGESTS.person("J\u00d6rg", "army.mil")
    assert DIGESTS.tag("<J.Smith+x@Army.mil>") == DIGESTS.tag("j.smith@army.mil")
    assert DIGESTS.person(r'"J.\Smith"', "army.mil") == DIGESTS.person("j.smith", "army.mil")
    assert DIGESTS.person("j.smith", "army.mil") != DIGESTS.person("j.smith", "navy.mil")
    assert without_tag("+1555") == "+1555"


def test_another_key_gives_other_digests() -> None:
    other = MemoryDigests(b"s" * 200)
    assert other.person("j", "army.mil") != DIGESTS.person("j", "army.mil")
    assert other.domain("army.ml") != DIGESTS.domain("army.ml")
    assert other.key_id != DIGESTS.key_id
    assert 0 <= other.domain("army.ml") < 2**64
    assert 0 <= other.tag("jo@army.mil") < 2**16


def test_an_empty_key_is_refused() -> None:
    with pytest.raises(ValueError, match="must not be empty"):
        MemoryDigests(b"")


def test_any_text_has_a_digest() -> None:
    assert DIGESTS.person("\udc80", "army.mil")
