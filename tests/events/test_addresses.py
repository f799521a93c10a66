import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streams.events.addresses import (
    ADDRESS_LENGTH,
    addresses_in,
    domain_of,
    is_address,
    is_plain,
    normalise_address,
    plain_domains,
)


@pytest.mark.parametrize(
    ("written", "normalised", "domain"),
    [
        ("jo@army.mil", "jo@army.mil", "army.mil"),
        (" <Jo@Army.MIL>\r\n", "jo@army.mil", "army.mil"),
        ('"a@b"@army.mil', '"a@b"@army.mil', "army.mil"),
        ("jo@bücher.example", "jo@bücher.example", "bücher.example"),
        ("jo@[192.0.2.1]", "jo@[192.0.2.1]", "[192.0.2.1]"),
        ("jo@army.mil.", "jo@army.mil.", "army.mil."),
    ],
)
def test_addresses(written: str, normalised: str, domain: str) -> None:
    assert (normalise_address(written), domain_of(written), is_address(written)) == (normalised, domain, True)


@pytest.mark.parametrize("text", ["", "<>", "jo", "jo@", "<jo@>", "@", " @ ", "a@b@"])
def test_texts_that_are_not_addresses(text: str) -> None:
    assert not is_address(text)


@given(st.text() | st.from_regex(r"[ <]*[a-zA-Z@]*@[ a-zA-Z@<>]*", fullmatch=True))
def test_every_address_has_a_domain_and_normalising_is_idempotent(text: str) -> None:
    assert not is_address(text) or domain_of(text)
    assert normalise_address(normalise_address(text)) == normalise_address(text)
    assert domain_of(normalise_address(text)) == domain_of(text)


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("bob@army.ml", ["bob@army.ml"]),
        ("<bob@army.ml>", ["bob@army.ml"]),
        ("Bob <bob@army.ml>", ["bob@army.ml"]),
        ("Bob <bob@army.ml> (at work)", ["bob@army.ml"]),
        ('"Smith, Bob" <bob@army.ml>', ["bob@army.ml"]),
        ("Smith, Bob <bob@army.ml>", ["bob@army.ml"]),
        ("bob@army.mil <bob@army.ml>", ["bob@army.ml"]),
        ("bob@army.ml (Bob (the other one))", ["bob@army.ml"]),
        ("'bob@army.ml'", ["bob@army.ml"]),
        ('"bob@army.ml"', ["bob@army.ml"]),
        ("bob@army.ml;", ["bob@army.ml"]),
        ("jo@army.mil, bob@army.ml", ["jo@army.mil", "bob@army.ml"]),
        ("jo@army.mil;Bob <bob@army.ml>;", ["jo@army.mil", "bob@army.ml"]),
        ("jo@army.mil bob@army.ml", ["jo@army.mil", "bob@army.ml"]),
        ("<@relay.example,@other.example:bob@army.ml>", ["bob@army.ml"]),
        ('"a@b, c"@army.ml', ['"a@b, c"@army.ml']),
        ('"a\\",secrets@army.ml,\\"b"@mod.example', ['"a\\",secrets@army.ml,\\"b"@mod.example']),
        ('<"a>,secrets@army.ml,<b"@mod.example>', ['"a>,secrets@army.ml,<b"@mod.example']),
        ("Friends: jo@army.mil, bob@army.ml;", ["jo@army.mil", "bob@army.ml"]),
        ("Bob [bob@army.ml]", ["bob@army.ml"]),
        ("bob@army.ml Bob Smith", ["bob@army.ml"]),
        ("bob @ army.ml", ["bob@army.ml"]),
        ("Bob <bob@army.ml", ["bob@army.ml"]),
        ("SMTP:bob@army.ml", ["bob@army.ml"]),
        ("Bob <mailto:bob@army.ml>", ["bob@army.ml"]),
        ("bob@army.ml:", ["bob@army.ml"]),
        ("\u200bbob@army.ml", ["bob@army.ml"]),
        ("bob@[192.0.2.1]", ["bob@[192.0.2.1]"]),
        ("Bob (a \\), secrets@army.ml) <bob@mod.example>", ["bob@mod.example"]),
        ('"never closed, bob@army.ml', ["bob@army.ml"]),
        ("a@b@army.ml", ["a@b@army.ml"]),
        ("<<bob@army.ml>", ["bob@army.ml"]),
        ("bob", []),
        ("<bob@army.ml>;@", []),
        ("Bob <bob>", []),
    ],
)
def test_addresses_without_what_stands_around_them(text: str, addresses: list[str]) -> None:
    assert addresses_in(text) == addresses


@pytest.mark.parametrize("text", ["bob@army.ml", "bob.o'brien+x@us.army.ml", "=?x@a.b-c"])
def test_an_ordinary_address_is_plain(text: str) -> None:
    assert is_plain(text)
    assert addresses_in(text) == [text]


ORDINARY = ["bob@army.ml", "bob.o'brien+x@us.army.ml", "a_b/c@a.b-c"]
ADDRESSES = st.sampled_from(ORDINARY) | st.text("ab@\n '<,:\u00e9\u200b\ud800", max_size=6)


@given(st.lists(ADDRESSES, max_size=4))
@example(["@", "a@b@c"])
@example(["a\nb@c"])
@example(["", "a@b"])
@example(["a@b", "c@"])
@example(["a@b\n@c"])
def test_addresses_that_are_plain_together_are_each(addresses: list[str]) -> None:
    domains = plain_domains(addresses)
    if domains is not None:
        assert all(map(is_plain, addresses))
        assert domains == [address.rpartition("@")[2] for address in addresses]


@given(st.lists(st.sampled_from(ORDINARY)))
def test_ordinary_addresses_are_plain_together(addresses: list[str]) -> None:
    assert plain_domains(addresses) is not None


@given(st.text(" ab@.,;:<>()\"'", max_size=40))
def test_what_is_an_address_gives_one_and_nothing_else_does(text: str) -> None:
    found = addresses_in(text)
    assert bool(found) == is_address(text)
    assert all(is_address(address) for address in found)


@pytest.mark.parametrize("piece", ["(", ")", '"', "<", ">", ",", " ", "@", "(@", "@a,", '"@a"'])
def test_the_longest_text_takes_no_time(piece: str) -> None:
    text = f"{piece * (ADDRESS_LENGTH // len(piece))}"[: ADDRESS_LENGTH - 2] + "@a"
    begin = time.thread_time()
    for _ in range(20):
        addresses_in(text)
    assert time.thread_time() - begin < 0.1
