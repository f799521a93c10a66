"""The stream of the benchmarks: mail like a large organisation's, with frequent domains, a long tail, 1 % mistyped."""

from __future__ import annotations

import random
from collections.abc import Iterator

import orjson
from confluent_kafka import Producer

MISTAKES = {"army.ml": "army.mil", "navy.ml": "navy.mil", "us.af.ml": "us.af.mil", "mail.ml": "mail.mil"}
WATCHLIST = (
    "watched: ['*.mil', mod.gov.uk, state.gov, nato.int]\n"
    "mistakes: {army.ml: army.mil, navy.ml: navy.mil, us.af.ml: us.af.mil, mail.ml: mail.mil}\n"
)
RIGHT = ["army.mil", "navy.mil", "us.af.mil", "mail.mil", "mod.gov.uk", "state.gov", "nato.int"]
DOMAINS = 5_000
BEGIN_MS = 1_700_000_000_000


def domains(count: int = DOMAINS) -> list[str]:
    """All domains to which a stream with `count` rare ones has mail."""
    return [*MISTAKES, *RIGHT, *_partners(count)]


def _partners(count: int) -> list[str]:
    return [f"partner{number}.example.com" for number in range(count)]


def events(
    count: int,
    *,
    seed: int = 7,
    hits: float = 0.01,
    domains: int = DOMAINS,
    senders: int = 20_000,
    begin_ms: int = BEGIN_MS,
    span_ms: int = 3_600_000,
) -> Iterator[bytes]:
    """`count` mail events, evenly spread over `span_ms` from `begin_ms` on, each about 450 bytes of JSON."""
    rng = random.Random(seed)
    names = RIGHT * 40 + _partners(domains)
    mistakes = list(MISTAKES)
    for number in range(count):
        sender = f"user{rng.randrange(senders)}@mod.gov.uk"
        recipients = [f"u{rng.randrange(100_000)}@{rng.choice(names)}" for _ in range(rng.choice((1, 1, 1, 2, 3)))]
        if rng.random() < hits:
            recipients[0] = f"u{number}@{rng.choice(mistakes)}"
        yield orjson.dumps(
            {
                "id": f"{number}.{rng.getrandbits(64):016x}",
                "message_id": f"<{number}.{rng.getrandbits(64):016x}@mod.gov.uk>",
                "time": begin_ms + number * span_ms // count,
                "sender": sender,
                "recipients": recipients,
                "subject": f"Routine movement order and itinerary for visiting party {number}",
                "size": rng.randrange(2_000, 900_000),
                "source": "postfix",
                "direction": "outbound",
                "attachments": [{"name": "itinerary.pdf", "size": 123_456}],
            }
        )


def publish(brokers: str, topic: str, values: Iterator[bytes]) -> int:
    """Publish all values, compressed with lz4 and spread over the topic's partitions. Returns their number."""
    producer = Producer(
        {
            "bootstrap.servers": brokers,
            "linger.ms": 50,
            "compression.type": "lz4",
            "queue.buffering.max.messages": 500_000,
            "sticky.partitioning.linger.ms": 10,
        }
    )
    sent = 0
    for value in values:
        while True:
            try:
                producer.produce(topic, value)
                break
            except BufferError:
                producer.poll(0.05)
        sent += 1
        if sent % 10_000 == 0:
            producer.poll(0)
    producer.flush()
    return sent
