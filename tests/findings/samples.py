"""Hits for tests: one at a time, and streams of thousands as a mail system would produce them."""

import hashlib
import random
from typing import Any

from msgspec import structs

from streams.events.asked import OUTCOMES, AskedOutcome
from streams.events.delivery import STORED
from streams.events.hit import Tick, TypoHit

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
MONDAY_MS = 1_782_691_200_000
"""2026-06-29 00:00 UTC, a Monday; a window of a day and one of a week begin there."""


def hit(time: int = MONDAY_MS, **given: Any) -> TypoHit:
    """A certain hit of desk7@mod.gov.uk to army.ml; the default ids are derived from all arguments."""
    unique = hashlib.blake2b(repr((time, sorted(given.items()))).encode(), digest_size=8).hexdigest()
    sender = given.get("sender", "desk7@mod.gov.uk")
    domain = given.get("domain", "army.ml")
    fields: dict[str, Any] = {
        "id": f"hit-{unique}",
        "event_id": f"event-{unique}",
        "sender": sender,
        "domain": domain,
        "intended": "army.mil",
        "recipients": [f"col.smith@{domain}"],
        "recipient_count": 1,
        "score": 0.97,
        "certain": True,
        "slip": "suffix-omission",
        "explanation": f"{domain} is army.mil without a letter of its suffix",
        "sender_digest": sender_digest(sender),
    }
    return TypoHit(time=time, **{**fields, **given})


def sender_digest(sender: str) -> str:
    """32 hex digits."""
    return hashlib.blake2b(sender.encode(), digest_size=16).hexdigest()


def tick(time_ms: int, partition: int = 0, of: int = 1) -> Tick:
    """The watermark of one source partition."""
    return Tick({str(partition): time_ms}, of)


def stream(seed: int, mails: int, days: int = 9, *, questions: int = 0) -> tuple[list[TypoHit], list[TypoHit | Tick]]:
    """All hits, and a partition's log of them, at whose end every window is final and dropped.

    They arrive out of order by up to 20 h, with repeats, an event for each recipient, later delivery reports, and ticks
    of two source partitions. The questions are those of a gate, and come besides.
    """
    chance = random.Random(seed)
    hits = [made for number in range(mails) for made in _events(chance, number, days)]
    hits += [made for _ in range(questions) for made in _question(random.Random(chance.random()), days)]
    arrivals: list[tuple[int, int, TypoHit | Tick]] = []
    for number, made in enumerate(hits):
        arrived = made.time + chance.choice((0, 0, 0, 1, 5, 20)) * HOUR_MS
        arrivals += [(arrived + again * HOUR_MS, number, made) for again in range(chance.choice((1, 1, 1, 2, 3)))]
    ends = range(MONDAY_MS, MONDAY_MS + (days + 2) * DAY_MS, HOUR_MS)
    arrivals += [(at, -1, tick(at - 5 * HOUR_MS // 60, at // HOUR_MS % 2, 2)) for at in ends]
    log: list[TypoHit | Tick] = [item for _, _, item in sorted(arrivals, key=lambda arrival: arrival[:2])]
    for after_days in (12, 40, 75, 100):
        log += [tick(MONDAY_MS + (days + after_days) * DAY_MS, partition, 2) for partition in (0, 1)]
    return hits, log


def asked(outcome: AskedOutcome = "asked", time: int = MONDAY_MS, **given: Any) -> TypoHit:
    """A hit of a mail that the gate asked about: one for each sender and time."""
    made = hit(time, **{"delivery": "rejected", "source": "gate", "labels": ["asked"], **given})
    mail = hashlib.blake2b(repr((made.sender, made.time)).encode(), digest_size=8).hexdigest()
    return structs.replace(made, id=f"{made.id}-{outcome}", message_id=f"<{mail}@gate.straymail>", asked=outcome)


def _question(chance: random.Random, days: int) -> list[TypoHit]:
    """The hits of one mail that the gate asked about, for each recipient, and of what their sender did then."""
    time = MONDAY_MS + int(chance.random() * days * DAY_MS)
    sender, made = f"desk{chance.randrange(50)}@mod.gov.uk", []
    for user in range(chance.choice((1, 1, 1, 2))):
        domain = f"army{chance.randrange(20)}.ml"
        given: dict[str, Any] = {
            "sender": sender,
            "domain": domain,
            "recipients": [f"user{user}@{domain}"],
            "certain": domain not in ("army3.ml", "army5.ml"),
            "listed": domain == "army1.ml",
            "group": "allies",
        }
        outcomes: tuple[AskedOutcome, ...] = chance.choice(((), ("confirmed",), ("corrected",), OUTCOMES))
        made += [asked(outcome, time, **given) for outcome in ("asked", *outcomes)]
    return made


def _events(chance: random.Random, number: int, days: int) -> list[TypoHit]:
    """The hits of one mail."""
    time = MONDAY_MS + int(min(max(chance.gauss(0.5, 0.25), 0), 0.999) * days * DAY_MS)
    sender = f"desk{min(int(chance.expovariate(0.2)), 40)}@mod.gov.uk"
    domain = f"army{min(int(chance.expovariate(0.5)), 12)}.ml"
    common: dict[str, Any] = {
        "sender": sender,
        "domain": domain,
        "message_id": f"<{number}@mod.gov.uk>",
        "certain": domain not in ("army3.ml", "army5.ml"),
        "listed": domain == "army1.ml",
        "group": {"army0.ml": "allies", "army2.ml": "own"}.get(domain),
        "labels": ["OFFICIAL-SENSITIVE"] if chance.random() < 0.05 else [],
    }
    recipients = [f"user{chance.randrange(9)}@{domain}" for _ in range(chance.choice((1, 1, 1, 2, 3)))]
    rows = [[recipient] for recipient in set(recipients)] if chance.random() < 0.4 else [recipients]
    made = []
    for row in rows:
        for report in range(chance.choice((1, 1, 2, 3))):
            given = {**common, "recipients": row, "recipient_count": len(row), "delivery": chance.choice(STORED)}
            made.append(hit(time + report * chance.randrange(HOUR_MS), **given))
    return made
