"""Address fields, as RFC 5322 writes them and as people do."""

from __future__ import annotations

from email.utils import formataddr, getaddresses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import UnreadableRecord
from streams.events.address_list import TOKENS_ALLOWED, AddressReader


def read(value: str) -> list[str]:
    return AddressReader().read(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", []),
        ("a@b", ["a@b"]),
        ("Bob <a@b>, c@d", ["a@b", "c@d"]),
        ('"x, y" <c@d>; e@f', ["c@d", "e@f"]),
        ('allies: a@army.mil, "b, b" <b@navy.ml>;, undisclosed-recipients:;', ["a@army.mil", "b@navy.ml"]),
        ("a(c(d\\)))@b (x@y)", ["a@b"]),
        ("a @ b . c", ["a@b.c"]),
        ('"front desk"@b, <"q r"@s>', ['"front desk"@b', '"q r"@s']),
        ('"ceo@mod.gov.uk" <a@evil.example>, "ceo@mod.gov.uk"', ["a@evil.example"]),
        ("<@a,@b:user@c>", ["user@c"]),
        ("a@[192.0.2.1]", ["a@[192.0.2.1]"]),
        ("Jürgen <j@army.ml>", ["j@army.ml"]),
        ("bob@army.ml <bob@army.mil>", ["bob@army.mil"]),
        ("Bob bob@x", ["bob@x"]),
        ('"Bob <bob@army.ml>', ["bob@army.ml"]),
        ("a@b (never closed", ["a@b"]),
        ("x <a@b", ["a@b"]),
        ("Bob <>", []),
        ("j.smith@army.mil <j.smith@army.ml>", ["j.smith@army.ml"]),
        ("'j.smith@army.mil' <j.smith@army.ml>", ["j.smith@army.ml"]),
        ("Smith, Jo [J1 a@b.c] <jo@army.ml>", ["jo@army.ml"]),
        ("Jo [jo@army.ml], [al@navy.ml]", ["jo@army.ml", "al@navy.ml"]),
        ("'jo@army.ml', o'neil@navy.ml", ["jo@army.ml", "o'neil@navy.ml"]),
        ("jo@army.ml al@navy.ml", ["jo@army.ml", "al@navy.ml"]),
        ("Jo <jo@army.ml> <al@navy.ml>", ["jo@army.ml", "al@navy.ml"]),
        ("<<jo@army.ml>>", ["jo@army.ml"]),
        ("@a,@b:jo@army.ml", ["jo@army.ml"]),
        ("jo@army.ml Jo Smith", ["jo@army.ml"]),
        ("Team A: jo@army.ml; al@navy.ml", ["jo@army.ml", "al@navy.ml"]),
        ("mailto:jo@army.ml, Al <mailto:al@navy.ml>", ["jo@army.ml", "al@navy.ml"]),
        ("jo\N{FULLWIDTH COMMERCIAL AT}army.ml", ["jo@army.ml"]),
        ("\u202ajo@army.ml\u202c", ["jo@army.ml"]),
        ("Jo <jo@[IPv6:2001:db8::1]>", ["jo@[IPv6:2001:db8::1]"]),
    ],
)
def test_addresses(value: str, expected: list[str]) -> None:
    assert read(value) == expected


names = st.text(st.characters(codec="ascii", categories=["L", "N", "P", "Zs"]), max_size=15)
addresses = st.from_regex(r"[a-z0-9.+-]{1,10}@[a-z0-9]{1,8}\.[a-z]{2,3}", fullmatch=True)


@pytest.mark.fuzz
@given(st.lists(st.tuples(names, addresses), max_size=5))
def test_whatever_the_names_the_addresses_are_those_of_the_standard_library(pairs: list[tuple[str, str]]) -> None:
    field = ", ".join(formataddr(pair) for pair in pairs)
    assert read(field) == [address for _, address in pairs] == [found for _, found in getaddresses([field]) if found]


def test_a_message_has_so_many_parts_in_all_fields_together() -> None:
    reader = AddressReader()
    assert len(reader.read("a@b," * (TOKENS_ALLOWED // 4))) == TOKENS_ALLOWED // 4
    with pytest.raises(UnreadableRecord, match="more than 200,000 parts"):
        reader.read("a@b," * (TOKENS_ALLOWED // 2))
