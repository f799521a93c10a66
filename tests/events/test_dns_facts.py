"""What DNS says, in words."""

from __future__ import annotations

import msgspec
import pytest

from streams.events.dns_facts import DnsFacts, in_words


@pytest.mark.parametrize(
    ("domain", "facts", "words"),
    [
        ("army.ml", DnsFacts(0, "mx", "army.ml", ["mx1.example.ml"]), "army.ml takes mail at mx1.example.ml"),
        ("a.ml", DnsFacts(0, "mx", "a.ml", ["mx1.b.ml", "mx2.b.ml"]), "a.ml takes mail at mx1.b.ml, mx2.b.ml"),
        (
            "lockheedmartn.com",
            DnsFacts(0, "unowned", "lockheedmartn.com", open=True),
            "nobody owns lockheedmartn.com: mail to it bounces today; register it",
        ),
        ("army.gov", DnsFacts(0, "unowned", "army.gov"), "nobody owns army.gov: mail to it bounces today"),
        (
            "mail.a.ml",
            DnsFacts(0, "absent", "a.ml", open=True),
            "mail.a.ml doesn't exist, but a.ml does: mail to it bounces",
        ),
    ],
)
def test_in_words(domain: str, facts: DnsFacts, words: str) -> None:
    assert in_words(domain, facts) == words


@pytest.mark.parametrize("route", ["mx", "address", "null-mx", "none", "absent", "unowned", "no-suffix"])
def test_every_route_has_words_and_only_some_take_mail(route: str) -> None:
    facts = msgspec.convert({"asked": 0, "route": route, "registrable": "a.ml", "wildcard": True}, DnsFacts)
    words = in_words("a.ml", facts)
    assert ("bounces" in words) != facts.takes_mail
    assert ("every name under its suffix answers" in words) == facts.takes_mail


def test_hostile_names_are_cleaned() -> None:
    assert in_words("a.ml", DnsFacts(0, "mx", "a.ml", ["\x1b[31m\u202e"])) == r"a.ml takes mail at \u{1b}[31m\u{202e}"
