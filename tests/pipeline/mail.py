"""A generated stream of mail events, with all that makes counting hard, and the hits expected of it.

The expected hits involve neither Kafka nor the scorer nor findings: their domains are looked up in a table.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from streams.events.hit import TypoHit

MISTAKES = {"army.ml": "army.mil", "navy.ml": "navy.mil", "us.af.ml": "us.af.mil", "mail.ml": "mail.mil"}
WATCHLIST = (
    "watched: ['*.mil']\nmistakes: {army.ml: army.mil, navy.ml: navy.mil, us.af.ml: us.af.mil, mail.ml: mail.mil}\n"
)
CORRECT = ("army.mil", "navy.mil", "us.af.mil", "mail.mil", *(f"partner{i}.example.com" for i in range(500)))
BEGIN_MS = 1_700_000_000_000 - 1_700_000_000_000 % 86_400_000
SPAN_MS = 3 * 86_400_000
STATUSES = ("delivered", "deferred", "failed", "rejected", "unknown")


def mail_events(records: int, *, seed: int, slips: float = 0.01, senders: int = 300) -> Iterator[dict[str, Any]]:
    """`records` mail events in order of sending: three days of mail, of which a share goes to a mistaken domain.

    Among the slips are mails split over a record for each recipient, repeated with a later delivery status, seen at two
    relays, and records that come hours late.
    """
    rng = random.Random(seed)
    made: list[tuple[float, dict[str, Any]]] = []
    mail = 0
    while len(made) < records:
        mail += 1
        time_ms = BEGIN_MS + int(SPAN_MS * len(made) / records)
        event = _event(rng, mail, time_ms, slips, senders)
        made += [(float(sent), record) for sent, record in _records(rng, event)]
    made.sort(key=lambda entry: entry[0])
    return (record for _, record in made[:records])


def _event(rng: random.Random, mail: int, time_ms: int, slips: float, senders: int) -> dict[str, Any]:
    recipients = [f"u{rng.randrange(10**5)}@{rng.choice(CORRECT)}" for _ in range(rng.choice((1, 1, 1, 2, 3)))]
    if rng.random() < slips:
        recipients[0] = f"u{mail}@{rng.choice(list(MISTAKES))}"
        if rng.random() < 0.2:
            recipients.append(f"v{mail}@{rng.choice(list(MISTAKES))}")
    return {
        "id": f"e{mail}",
        "message_id": f"<{mail}@mod.gov.uk>",
        "time": time_ms,
        "sender": f"desk{int(rng.paretovariate(1.1)) % senders}@mod.gov.uk",
        "recipients": recipients,
        "source": "postfix",
        "size": rng.randrange(2_000, 900_000),
        "subject": f"Movement order {mail}",
    }


def _records(rng: random.Random, event: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The records of one mail, each with the time at which it is sent (ms since the epoch)."""
    sent = event["time"] + rng.randrange(-120_000, 120_000)
    if not any(address.rpartition("@")[2] in MISTAKES for address in event["recipients"]):
        yield sent, event
        return
    kind = rng.random()
    if kind < 0.2:  # a record for each recipient
        for number, address in enumerate(event["recipients"]):
            yield sent + number, event | {"id": f"{event['id']}.{number}", "recipients": [address]}
    elif kind < 0.5:  # a later delivery status
        yield sent, event | {"delivery": "deferred"}
        yield sent + 40_000, event | {"id": f"{event['id']}.s", "delivery": rng.choice(STATUSES)}
    elif kind < 0.7:  # two relays, the second a second later
        yield sent, event
        yield sent + 500, event | {"id": f"{event['id']}.r", "time": event["time"] + 1_000, "source": "relay"}
    elif kind < 0.8:  # the same record again
        yield sent, event
        yield sent + 60_000, event
    elif kind < 0.9:  # hours late
        yield sent + rng.randrange(6 * 3_600_000), event | {"delivery": "rejected"}
    else:
        yield sent, event


def expected_hits(values: Iterable[bytes]) -> list[TypoHit]:
    """The hits of the records, found in a plain loop: one for each event and mistaken domain."""
    hits = []
    for value in values:
        event = orjson.loads(value)
        for domain in sorted({address.rpartition("@")[2] for address in event["recipients"]} & MISTAKES.keys()):
            to = sorted(address for address in event["recipients"] if address.endswith("@" + domain))
            hits.append(
                TypoHit(
                    id=f"{event['id']} {domain}",
                    event_id=event["id"],
                    message_id=event["message_id"],
                    time=event["time"],
                    sender=event["sender"],
                    domain=domain,
                    intended=MISTAKES[domain],
                    recipients=to,
                    recipient_count=len(to),
                    score=1.0,
                    certain=True,
                    slip="listed",
                    explanation="",
                    sender_digest=event["sender"],
                    delivery=event.get("delivery", "unknown"),
                    listed=True,
                )
            )
    return hits
