"""Who could register a name."""

from __future__ import annotations

import pytest

from streams.domains.registration import registration


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("army.ml", ("army.ml", "open")),
        ("mail.us.af.ml", ("af.ml", "open")),
        ("army.mi", ("army.mi", "none")),
        ("army.mil.com", ("mil.com", "open")),
        ("arny.mil", ("arny.mil", "restricted")),
        ("mod.gov.uk", ("mod.gov.uk", "restricted")),
        ("mod.co.uk", ("mod.co.uk", "open")),
    ],
)
def test_registration_is_judged_by_the_suffix(domain: str, expected: tuple[str, str]) -> None:
    assert registration(domain) == expected
