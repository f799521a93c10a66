"""Addresses that nobody can write a sentence or a link into."""

from __future__ import annotations

import pytest

from streams.notify.shown_address import address_parts, shown_address


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("jo.d'arc+x@army.ml", "jo.d'arc+x@army.ml"),
        ("www.evil@army.ml", "army.ml"),
        ("http://x.org/@army.ml", "army.ml"),
        ("<!channel>@army.ml", "army.ml"),
        ("a b@army.ml", "army.ml"),
        (f"{'x' * 65}@army.ml", "army.ml"),
        ("", ""),
    ],
)
def test_a_plain_address_is_shown_and_of_an_odd_one_the_domain(address: str, shown: str) -> None:
    assert shown_address(*address_parts(address)) == shown
