"""Public suffixes, after the examples of publicsuffix.org's own test data."""

import pytest

from streams.domains.suffixes import Split, private_use, suffix_rules


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("army.mil", ("", "army", "mil")),
        ("us.af.mil", ("us", "af", "mil")),
        ("mod.gov.uk", ("", "mod", "gov.uk")),
        ("a.b.example.co.uk", ("a.b", "example", "co.uk")),
        ("gov.uk", ("", "", "gov.uk")),
        ("mil", ("", "", "mil")),
        ("b.c.kobe.jp", ("", "b", "c.kobe.jp")),
        ("city.kobe.jp", ("", "city", "kobe.jp")),
        ("www.city.kobe.jp", ("www", "city", "kobe.jp")),
        ("test.ck", ("", "", "test.ck")),
        ("www.ck", ("", "www", "ck")),
        ("army.mul", ("", "army", "mul")),
        ("someone.github.io", ("", "someone", "github.io")),
        ("github.io", ("", "github", "io")),
    ],
)
def test_split(domain: str, expected: tuple[str, str, str]) -> None:
    assert suffix_rules().split(domain) == Split(*expected)


@pytest.mark.parametrize(
    ("suffix", "known"),
    [("mil", True), ("gov.uk", True), ("x.kobe.jp", True), ("city.kobe.jp", False), ("www.ck", False), ("mul", False)],
)
def test_exists(suffix: str, known: bool) -> None:
    assert suffix_rules().exists(suffix) is known


def test_registrable() -> None:
    assert suffix_rules().split("a.b.example.co.uk").registrable == "example.co.uk"
    assert suffix_rules().split("co.uk").registrable == "co.uk"


def test_no_suffix_is_for_private_use() -> None:
    assert "local" in private_use()
    assert not [name for name in private_use() - {"arpa"} if suffix_rules().exists(name)]
