"""The whole sample: mails over a day and a half, and their mail events."""

from __future__ import annotations

import random
from collections.abc import Iterator

from bench.samples.mails import Mail, bounce, mistyped_mail, ordinary_mail, word
from bench.samples.people import Contact, gather
from bench.samples.slips import BURST, BURST_DESK, SLIPS

SEED = 20230717
SPAN_MS = 36 * 3_600_000
LAST_MS = SPAN_MS - 60_000
MINUTE = 60_000
ORDINARY_MAILS = 1_380
BOUNCES = 18
Event = dict[str, object]


def sample_stream(seed: int = SEED) -> list[Event]:
    """The mail events in order of arrival; `time` is in ms from the start of the sample."""
    rng = random.Random(seed)
    arrivals = [(arrival, event) for mail in sample_mails(rng) for arrival, event in events_of(rng, mail)]
    return [event for _, event in sorted(arrivals, key=lambda one: (one[0], str(one[1]["id"])))]


def sample_mails(rng: random.Random) -> list[Mail]:
    """The mails of the sample, in no particular order."""
    cast = gather(rng)
    mails = [ordinary_mail(rng, cast, rng.randrange(LAST_MS)) for _ in range(ORDINARY_MAILS)]
    mails += [bounce(rng, cast, rng.randrange(LAST_MS)) for _ in range(BOUNCES)]
    mails += [
        mistyped_mail(rng, cast, rng.randrange(LAST_MS - 240 * MINUTE), slip)
        for slip in SLIPS
        for _ in range(slip.times)
    ]
    desk = Contact(BURST_DESK, BURST_DESK.partition("@")[2])
    start = 22 * 60 * MINUTE
    for step in range(BURST.times):
        time = start + step * 40 * MINUTE + rng.randrange(20 * MINUTE)
        mails.append(mistyped_mail(rng, cast, time, BURST, desk))
    return mails


def events_of(rng: random.Random, mail: Mail) -> Iterator[tuple[int, Event]]:
    """The events of one mail with their times of arrival: mostly one event; or one for each recipient, one with a later
    status, or one from a second relay."""
    fate = rng.random()
    if len(mail.recipients) > 1 and fate < 0.25:
        for recipient in mail.recipients:
            yield event(rng, mail, mail.time + rng.randrange(900), [recipient], mail.delivery)
    elif fate < 0.07 and mail.delivery != "unknown":
        yield event(rng, mail, mail.time, mail.recipients, "deferred")
        later = min(mail.time + rng.randrange(5 * MINUTE, 200 * MINUTE), LAST_MS)
        yield event(rng, mail, later, mail.recipients, mail.delivery)
    elif fate < 0.085:
        yield event(rng, mail, mail.time, mail.recipients, "unknown")
        yield event(rng, mail, mail.time + 1_500, mail.recipients, mail.delivery, source="postfix-perimeter")
    else:
        yield event(rng, mail, mail.time, mail.recipients, delivery_of(rng, mail))


def delivery_of(rng: random.Random, mail: Mail) -> str | dict[str, str]:
    """The delivery field of an event: one status, or a status for each recipient, as in some feeds."""
    if len(mail.recipients) == 1 or (mail.delivery == "delivered" and rng.random() < 0.85) or rng.random() < 0.3:
        return mail.delivery
    others = mail.delivery if mail.delivery == "held" else "delivered"
    return {address: others if place else mail.delivery for place, address in enumerate(mail.recipients)}


def event(
    rng: random.Random, mail: Mail, time: int, recipients: list[str], delivery: str | dict[str, str], source: str = ""
) -> tuple[int, Event]:
    """The time of arrival and the event: at once, or up to three minutes late and so out of order."""
    late = rng.randrange(20_000, 180_000) if rng.random() < 0.03 else rng.randrange(300)
    record: Event = {"id": word(rng, 12), "time": time, "sender": mail.sender, "recipients": recipients}
    record |= {name: value for name, value in mail.fields.items() if value != []}
    if rng.random() < 0.02:
        del record["message_id"]
    return time + late, record | {"delivery": delivery, "source": source or mail.source}
