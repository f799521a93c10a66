"""The work of `straymail forget`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from pathlib import Path

import click

from streams.clock import now_ms
from streams.config import Settings, load_settings
from streams.counted import counted
from streams.domains.names import canonical
from streams.errors import MalformedDomain, UnreadableRecord, UsageError
from streams.events.addresses import addresses_in, normalise_address
from streams.events.safe_text import clean
from streams.kafka.clients.sync_producer import SyncProducer
from streams.kafka.clients.table import read_table
from streams.kafka.topics.names import topic_names
from streams.memory.memory import DAY_MS
from streams.memory.memory_digests import MemoryDigests
from streams.memory.records import BarredFacts, MemoryKind, MemoryRecord, decode, encode
from streams.memory.replica import BY_COMMANDS


def run_forget(names: Collection[str], config: Path | None) -> int:
    """Bar the digests of these addresses and domains, then erase what the topic has of them. Returns the exit code;
    raises UsageError, BrokerError."""
    settings = load_settings(config)
    digests, day = MemoryDigests(settings.privacy.secret()), now_ms() // DAY_MS
    wanted = {_digest(name, digests): name for name in names}
    topic = topic_names(settings).correspondents
    stored = _stored(settings, topic, wanted, digests.key_id)
    with SyncProducer(settings, topic) as producer:
        for digest in wanted:
            barred = MemoryRecord(MemoryKind.BARRED, digest, BarredFacts(day))
            key, value = encode(barred, BY_COMMANDS, digests.key_id)
            producer.send(value, key=key)
        producer.flush()  # what workers write until they have read it, they erase themselves
        for key in stored:
            producer.send(None, key=key)
    erased = Counter(stored.values())
    for digest, name in wanted.items():
        click.echo(f"{clean(name)}: {counted(erased[digest], 'record')} erased; it is not remembered again", err=True)
    return 0


def _digest(name: str, digests: MemoryDigests) -> int:
    addresses = addresses_in(name) if "@" in name else [name]
    if len(addresses) != 1:
        raise UsageError(f"give an address or a domain, each by itself: not {clean(name)!r}")
    local, at, domain = normalise_address(addresses[0]).rpartition("@")
    try:
        return digests.person(local, canonical(domain)) if at else digests.domain(canonical(domain))
    except MalformedDomain as error:
        raise UsageError(f"give an address or a domain: {error}") from None


def _stored(settings: Settings, topic: str, wanted: Collection[int], key_id: bytes) -> dict[bytes, int]:
    """The digest of each record of a person or correspondent that is wanted, by its key."""
    stored: dict[bytes, int] = {}
    for chunk in read_table(settings, topic):
        for key, value, _ in chunk.records:
            try:
                found = decode(key, None, today=0)  # the key alone: what its value is doesn't matter
            except UnreadableRecord:
                continue
            is_entry = found.record.kind is not MemoryKind.BARRED and found.key_id == key_id
            if key is None or not is_entry or found.record.digest not in wanted:
                continue
            if value is None:
                stored.pop(key, None)
            else:
                stored[key] = found.record.digest
        if chunk.at_end:
            break
    return stored
