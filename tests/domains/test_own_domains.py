"""Which names are the organisation's own."""

import pytest

from streams.domains.own_domains import OwnDomains
from streams.errors import ConfigurationError


@pytest.mark.parametrize(
    ("domain", "is_own"),
    [
        ("mod.gov.uk", True),
        ("MOD.gov.uk.", True),
        ("mail.mod.gov.uk", True),
        ("a.b.mod.gov.uk", True),
        ("gov.uk", False),
        ("notmod.gov.uk", False),
        ("mod.gov.uk.example.org", False),
        ("b\N{LATIN SMALL LETTER U WITH DIAERESIS}cher.de", True),
        ("xn--bcher-kva.de", True),
        ("b..c", False),
        ("", False),
    ],
)
def test_a_domain_and_every_name_under_it_are_covered_however_they_are_written(domain: str, is_own: bool) -> None:
    own = OwnDomains(["Mod.Gov.UK.", "b\N{LATIN SMALL LETTER U WITH DIAERESIS}cher.de"])
    assert (domain in own) is is_own


def test_a_set_without_names_is_false_and_covers_nothing() -> None:
    assert not OwnDomains([])
    assert OwnDomains(["mod.gov.uk"])
    assert "mod.gov.uk" not in OwnDomains([])


def test_a_name_that_is_no_domain_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="own_domains: 'mod gov' is not a domain name"):
        OwnDomains(["defensie.nl", "mod gov"])
