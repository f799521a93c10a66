import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.events.addresses import domain_of, is_address, normalise_address


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
