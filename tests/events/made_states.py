"""Made states of findings, of every kind that an alert can publish, with hostile text in each of their fields."""

import random
from typing import Any

from streams.events.asked import OUTCOMES
from streams.events.delivery import STORED
from streams.events.dns_facts import HOSTS_KEPT, DnsFacts
from streams.events.finding import ACTIVITIES, FINAL, LATE, OPEN, Evidence, FindingState
from streams.events.mistaken_domain import MistakenDomain
from streams.events.remembered import Remembered
from streams.severity import Severity
from tests.events.finding_samples import DAY_MS, MONDAY_MS

TEXTS = (
    "",
    "army.ml",
    "navy.mil",
    "desk7@mod.gov.uk",
    "3f2a",
    f"hmac-{'0a' * 16}@mod.gov.uk",
    "ü@army.ml",
    '"quoted \\ part"@x.org',
    '"}},"uid":"',
    "<1@mod.gov.uk>",
    "שלום.example",
    "مثال.test",
    "xn--a",
    "\x00\x01\x1f\x7f\x80\x9f\b\t\n\f\r",
    "\u2028\u2029\ufeff\u200b\u202e",
    "\U0001f600\U0010ffff\ue000",
    "a\u0301\u0302\u0303\u0304",
    "</script>&'/",
    " two  words ",
    "ends with a stop.",
    "n" * 300,
)
SCORES = (0.0, 5e-324, 1e-7, 1e-5, 0.0001, 0.005, 0.1 + 0.2, 0.5, 0.97, 0.985, 1 / 3, 1 - 2**-53, 1.0)
NUMBERS = (0, 0, 1, 1, 2, 3, 9, 10, 999, 1_000, 10_000, 2**31, 2**53 - 1)
TIMES = (0, 1, MONDAY_MS, MONDAY_MS + 3_600_000, MONDAY_MS + DAY_MS, MONDAY_MS + 30 * DAY_MS, 2**52, 2**53 - 1)
DAYS = (0, 0, 1, 90, 100_000)


def made_state(chance: random.Random) -> FindingState:
    """A state whose fields have nothing to do with each other."""
    return FindingState(
        uid=f"{chance.getrandbits(128):032x}",
        correlation_uid=f"{chance.getrandbits(128):032x}",
        rule=_text(chance),
        group_by=chance.choice(("sender", "domain")),
        counts=chance.choice(("mails", "senders")),
        start_ms=chance.choice(TIMES),
        end_ms=chance.choice(TIMES),
        sequence=chance.choice(NUMBERS),
        activity=chance.choice(list(ACTIVITIES)),
        is_alert=chance.random() < 0.5,
        severity=chance.choice(list(Severity)),
        window=chance.choice((OPEN, FINAL, LATE)),
        domains=[_domain(chance) for _ in range(chance.choice((0, 1, 1, 1, 2, 3, 4, 25)))],
        delivery={status: chance.choice(NUMBERS) for status in chance.sample(STORED, chance.randrange(4))},
        **_figures(chance),
        **_optional(chance),
    )


def _figures(chance: random.Random) -> dict[str, Any]:
    times = ("time_ms", "created_ms", "first_seen_ms", "last_seen_ms")
    numbers = ("count", "peak", "delivered_count", "domain_count", "evidences_left_out")
    asked = ("asked_count", "confirmed_count", "corrected_count")
    return {
        **{name: chance.choice(TIMES) for name in times},
        **{name: chance.choice(NUMBERS) for name in (*numbers, *asked)},
    }


def _optional(chance: random.Random) -> dict[str, Any]:
    return {
        "sender": _text_or_none(chance),
        "labels": [_text(chance) for _ in range(chance.choice((0, 0, 1, 3)))],
        "owner": _text_or_none(chance),
        "runbook_url": _text_or_none(chance),
        "evidences": [_evidence(chance) for _ in range(chance.choice((0, 1, 1, 2, 20)))],
        **{name: chance.random() < 0.2 for name in ("count_is_minimum", "late", "reopened")},
    }


def _domain(chance: random.Random) -> MistakenDomain:
    return MistakenDomain(
        domain=_text(chance),
        intended=_text(chance),
        slip=_text(chance),
        explanation=_text(chance),
        score=chance.choice((chance.random(), *SCORES)),
        certain=chance.random() < 0.5,
        listed=chance.random() < 0.2,
        groups=tuple(_text(chance) for _ in range(chance.choice((0, 0, 1, 2)))),
        memory=_memory(chance) if chance.random() < 0.3 else None,
        dns=_dns(chance) if chance.random() < 0.3 else None,
    )


def _memory(chance: random.Random) -> Remembered:
    return Remembered(
        memory_days=chance.choice(DAYS),
        known_to=chance.choice((None, "sender", "colleague")),
        person_days=chance.choice(DAYS),
        days_out=chance.choice(DAYS),
        days_in=chance.choice(DAYS),
        wrote_first=chance.random() < 0.3,
        established=chance.random() < 0.3,
        renamed=chance.random() < 0.3,
    )


def _dns(chance: random.Random) -> DnsFacts:
    route: Any = chance.choice(("mx", "address", "null-mx", "none", "absent", "unowned", "no-suffix"))
    hosts = [_text(chance) for _ in range(chance.randrange(HOSTS_KEPT + 1))]
    return DnsFacts(chance.choice(TIMES), route, _text(chance), hosts, chance.random() < 0.5, chance.random() < 0.5)


def _evidence(chance: random.Random) -> Evidence:
    return Evidence(
        sender=_text(chance),
        recipients=[_text(chance) for _ in range(chance.choice((0, 1, 1, 2, 20)))],
        message_id=_text_or_none(chance),
        size=chance.choice((None, *NUMBERS)),
        subject=_text_or_none(chance),
        time_ms=chance.choice((None, *TIMES)),
        delivery=chance.choice((None, *STORED)),
        asked=chance.choice((None, None, None, *OUTCOMES)),
    )


def _text(chance: random.Random) -> str:
    """One of TEXTS, any characters or both."""
    text = chance.choice(TEXTS)
    if chance.random() < 0.3:
        text += "".join(map(chr, (_code(chance) for _ in range(chance.randrange(9)))))
    return text


def _code(chance: random.Random) -> int:
    """Any character that text may have: surrogates it may not."""
    code = chance.randrange(chance.choice((0x80, 0x800, 0xD800)))
    return code if chance.random() < 0.9 else chance.randrange(0xE000, 0x110000)


def _text_or_none(chance: random.Random) -> str | None:
    return _text(chance) if chance.random() < 0.6 else None
