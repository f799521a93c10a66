"""The texts of alerts."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.events.alert_words import description, printable, remediation, title, utc
from streams.events.finding import CLOSE
from streams.events.remembered import Remembered
from streams.events.safe_text import LONGEST_NAME
from tests.events.finding_samples import DAY_MS, MONDAY_MS, finding, mistaken

BY_DOMAIN: dict[str, Any] = {"group_by": "domain", "counts": "senders", "sender": None}
DOUBTFUL = mistaken("amry.com", "army.com", certain=False)
STOPPED: dict[str, Any] = {"count": 0, "delivered_count": 0, "delivery": {}, "asked_count": 2, "corrected_count": 1}
MONTH = {"end_ms": MONDAY_MS + 30 * DAY_MS}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "desk7@mod.gov.uk sent 3 mails to army.ml, probably meant for army.mil"),
        ({"count": 1}, "desk7@mod.gov.uk sent 1 mail to army.ml, probably meant for army.mil"),
        (
            {"count": 10_000, "count_is_minimum": True},
            "desk7@mod.gov.uk sent at least 10,000 mails to army.ml, probably meant for army.mil",
        ),
        (
            {"count": 1, "peak": 3},
            "desk7@mod.gov.uk sent 1 mail to army.ml (3 within 24 hours), probably meant for army.mil",
        ),
        (
            {"count": 10_000, "peak": 12_000, "count_is_minimum": True},
            "desk7@mod.gov.uk sent at least 10,000 mails to army.ml (at least 12,000 within 24 hours), probably meant"
            " for army.mil",
        ),
        (
            {"domains": [mistaken(), mistaken("navy.ml", "navy.mil")]},
            "desk7@mod.gov.uk sent 3 mails to army.ml and navy.ml, probably meant for army.mil and navy.mil",
        ),
        (
            {"domains": [mistaken(), mistaken("navy.ml", "navy.mil"), mistaken("mail.ml", "mail.mil")]},
            "desk7@mod.gov.uk sent 3 mails to army.ml, navy.ml and mail.ml, probably meant for army.mil, navy.mil and"
            " mail.mil",
        ),
        (
            {"domains": [mistaken(f"{name}.ml", f"{name}.mil") for name in ("army", "navy", "mail", "nsa")]},
            "desk7@mod.gov.uk sent 3 mails to army.ml and 3 other mistaken domains",
        ),
        (
            {"domains": [mistaken(f"army.m{letter}") for letter in "ilkj"]},
            "desk7@mod.gov.uk sent 3 mails to army.mi and 3 other mistaken domains, probably meant for army.mil",
        ),
        (
            {"domains": [mistaken(), mistaken("navy.ml", "navy.mil")], "domain_count": 140},
            "desk7@mod.gov.uk sent 3 mails to army.ml and 139 other mistaken domains",
        ),
        (
            {"domains": [DOUBTFUL, mistaken("nayv.com", "navy.com")]},
            "desk7@mod.gov.uk sent 3 mails to amry.com and nayv.com, which may be slips for army.com and navy.com",
        ),
        (
            {"domains": [mistaken(), mistaken("amry.mil")]},
            "desk7@mod.gov.uk sent 3 mails to army.ml and amry.mil, probably meant for army.mil",
        ),
        (BY_DOMAIN, "3 senders wrote to army.ml, probably meant for army.mil"),
        ({**BY_DOMAIN, "count": 1}, "1 sender wrote to army.ml, probably meant for army.mil"),
        (
            {**BY_DOMAIN, "count": 7, "count_is_minimum": True},
            "At least 7 senders wrote to army.ml, probably meant for army.mil",
        ),
        (
            {**BY_DOMAIN, "counts": "mails", "count": 4, "domains": [DOUBTFUL]},
            "4 mails went to amry.com, which may be a slip for army.com",
        ),
        (
            {**BY_DOMAIN, **MONTH, "counts": "mails", "count": 1, "peak": 2, "domains": [DOUBTFUL]},
            "1 mail went to amry.com (2 within 30 days), which may be a slip for army.com",
        ),
        (STOPPED, "The gate asked desk7@mod.gov.uk about 2 mails to army.ml, probably meant for army.mil"),
        ({**STOPPED, **BY_DOMAIN}, "The gate asked about 2 mails to army.ml, probably meant for army.mil"),
        ({"asked_count": 2}, "desk7@mod.gov.uk sent 3 mails to army.ml, probably meant for army.mil"),
        ({"activity": CLOSE}, "Withdrawn: desk7@mod.gov.uk sent 3 mails to army.ml, probably meant for army.mil"),
        ({"sender": ""}, "An unnamed sender sent 3 mails to army.ml, probably meant for army.mil"),
        ({"domains": []}, "desk7@mod.gov.uk sent 3 mails to a mistaken domain"),
    ],
)
def test_titles(given: dict[str, Any], expected: str) -> None:
    assert title(finding(**given)) == expected


@pytest.mark.parametrize(
    ("length_ms", "expected"),
    [
        (60_000, "60 seconds"),
        (90_000, "90 seconds"),
        (3_600_000, "60 minutes"),
        (DAY_MS, "24 hours"),
        (3 * DAY_MS // 2, "36 hours"),
        (7 * DAY_MS, "7 days"),
    ],
)
def test_spans(length_ms: int, expected: str) -> None:
    assert f"(9 within {expected})" in title(finding(peak=9, end_ms=MONDAY_MS + length_ms))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("desk7@mod.gov.uk", "desk7@mod.gov.uk"),
        ("müller@mod.gov.uk", "müller@mod.gov.uk"),
        ("evil\u202emoc.live", "evil\\u{202e}moc.live"),
        ("a\r\nb\x1b[31m", "a\\u{d}\\u{a}b\\u{1b}[31m"),
        ("zero\u200bwidth", "zero\\u{200b}width"),
        ("x" * 500, "x" * (LONGEST_NAME - 1) + "…"),
        ("\u05d0\u05d1@example.org", "\u2068\u05d0\u05d1@example.org\u2069"),
    ],
)
def test_names_that_would_break_a_line(name: str, expected: str) -> None:
    assert printable(name) == expected


@given(st.text())
def test_any_name_is_one_short_line(name: str) -> None:
    line = printable(name)
    inner = line.removeprefix("\u2068").removesuffix("\u2069")
    assert not any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in inner)
    assert len(line) <= 10 * LONGEST_NAME + 2


def test_a_hostile_name_does_not_change_the_rest_of_the_title() -> None:
    text = title(finding(sender="a\nb\u202e@mod.gov.uk"))
    assert text == "a\\u{a}b\\u{202e}@mod.gov.uk sent 3 mails to army.ml, probably meant for army.mil"


def test_what_came_of_the_questions_of_the_gate() -> None:
    assert "The gate refused 2 mails and asked the sender: 0 confirmed, 1 corrected." in description(finding(**STOPPED))
    assert remediation(finding(**STOPPED)).startswith("Nothing has left: the gate stopped it")
    confirmed = STOPPED | {"confirmed_count": 1}
    for delivery in ({}, {"rejected": 1}):
        text = remediation(finding(**confirmed | {"delivery": delivery}))
        assert "Nothing" not in text, "confirmed mail may have been delivered"
        assert text.startswith("The gate asked the sender, who sent mail again")
    assert remediation(finding(**confirmed | {"delivery": {"held": 1}})).startswith("Mail is held")
    assert "The gate" not in description(finding()) + remediation(finding(**STOPPED | {"delivery": {"held": 1}}))


@pytest.mark.parametrize(
    ("delivery", "expected"),
    [
        ({"delivered": 1}, ["delivered to a stranger", "Tell the sender"]),
        ({"deferred": 2}, ["outgoing queue", "Tell the sender"]),
        ({"held": 1}, ["quarantine", "Tell the sender"]),
        ({"unknown": 1}, ["not known", "Tell the sender"]),
        ({"rejected": 1}, ["Nothing was delivered", "Tell the sender"]),
        ({"failed": 1, "rejected": 3}, ["Nothing was delivered", "Tell the sender"]),
        (
            {"delivered": 1, "deferred": 1, "failed": 1},
            ["delivered to a stranger", "outgoing queue", "Tell the sender"],
        ),
    ],
)
def test_what_to_do_follows_the_delivery(delivery: dict[str, int], expected: list[str]) -> None:
    text = remediation(finding(delivery=delivery))
    assert [phrase in text for phrase in expected] == [True] * len(expected)
    assert ("Nothing was delivered" in text) == ("Nothing was delivered" in expected)


def test_nothing_is_left_to_do_about_a_withdrawn_finding() -> None:
    assert remediation(finding(activity=CLOSE)) == "Nothing is left to do: the finding is withdrawn."


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            {"window": "final"},
            "army.ml is army.mil without a letter of its suffix. "
            "3 mails between 2026-06-29 00:00 and 2026-06-30 00:00 UTC. 1 mail was delivered.",
        ),
        (
            {"count": 1, "peak": 4, "delivered_count": 0},
            "army.ml is army.mil without a letter of its suffix. "
            "1 mail between 2026-06-29 00:00 and 2026-06-30 00:00 UTC, so far. "
            "At most 4 within 24 hours, with those of the window before.",
        ),
        (
            {"count": 40, "peak": 60, "delivered_count": 2, "count_is_minimum": True, "domains": []},
            "At least 40 mails between 2026-06-29 00:00 and 2026-06-30 00:00 UTC, so far. "
            "At least 60 within 24 hours, with those of the window before. At least 2 mails were delivered.",
        ),
        (
            {"late": True, "window": "late", "delivered_count": 2, "domains": []},
            "3 mails between 2026-06-29 00:00 and 2026-06-30 00:00 UTC, so far. 2 mails were delivered. "
            "They arrived too late to be counted in their window, and are counted apart.",
        ),
        (
            {"activity": CLOSE, "delivered_count": 0, "domains": []},
            "3 mails between 2026-06-29 00:00 and 2026-06-30 00:00 UTC, so far. "
            "Withdrawn, because what was taken for a mistake is an allowed domain now.",
        ),
    ],
)
def test_descriptions(given: dict[str, Any], expected: str) -> None:
    assert description(finding(**given)) == expected


def test_a_time_beyond_the_calendar() -> None:
    assert utc(0) == "1970-01-01 00:00"
    assert utc(2**62) == f"{2**62} ms"


@pytest.mark.parametrize(
    ("memory", "expected"),
    [
        (Remembered(90, days_in=4, wrote_first=True), "Mail from army.ml came before any went there: do not answer it"),
        (Remembered(90, days_in=9, established=True, wrote_first=True), "add it to `allowed` in the watchlist"),
        (Remembered(90, days_in=9, renamed=True), "Ask whether army.ml is a new name of the intended domain"),
    ],
)
def test_what_to_do_about_a_domain_that_is_remembered(memory: Remembered, expected: str) -> None:
    plain = remediation(finding())
    text = remediation(finding(domains=[mistaken(memory=memory)]))
    assert text.startswith(plain)
    assert expected in text
    assert remediation(finding(domains=[mistaken(memory=Remembered(90, "sender", 3))])) == plain
