"""Compares a pipeline's output with that of an oracle, which reads the stream once in a plain loop."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from msgspec.structs import replace

from streams.events.finding import CLOSE
from streams.events.hit import Tick, TypoHit, decode_hit_or_tick, encode_hit
from streams.kafka.clients.read import KafkaRecord
from tests.faults.stream import BAD
from tests.findings.oracle import DEFAULT_RULES, OracleRule, finals
from tests.pipeline.mail import expected_hits
from tests.pipeline.topics import Topics

MAX_COUNTED = 10_000
"""The most mails that a finding counts."""
Place = tuple[int, int]
"""Partition and offset."""
Hits = frozenset[tuple[str, str]]
"""Event id and mistaken domain."""


@dataclass(frozen=True)
class Snapshot:
    """The committed offsets of mail.events at one moment, and the hits that were published just after."""

    committed: dict[int, int]
    published: Hits


@dataclass(frozen=True)
class Expectation:
    """The expected output: the published hits, which of them count, and the rules of findings."""

    hits: Callable[[Iterable[bytes]], list[TypoHit]] = expected_hits
    counts: Callable[[TypoHit], bool] = lambda _hit: True
    rules: Sequence[OracleRule] = DEFAULT_RULES


DEFAULT_EXPECTATION = Expectation()


@dataclass
class Read:
    """The records of mail.events by place, good and bad ones."""

    good: dict[Place, bytes] = field(default_factory=dict)
    bad: dict[Place, bytes | None] = field(default_factory=dict)


def take_snapshot(topics: Topics) -> Snapshot:
    """Take a snapshot of a running pipeline; offsets are read first, so that the hits before them must be published."""
    committed = topics.committed(topics.names.events)
    return Snapshot(committed, frozenset(_published(topics)))


def verify(
    topics: Topics, snapshots: list[Snapshot], *, may_repeat: bool = True, expects: Expectation = DEFAULT_EXPECTATION
) -> dict[str, int]:
    """The figures of the output; raises AssertionError where a delivery guarantee was violated."""
    read = read_events(topics)
    hits = expects.hits(read.good.values())
    return {
        "events": len(read.good) + len(read.bad),
        **_verify_dead_letters(topics, read),
        **_verify_hits(topics, hits, may_repeat=may_repeat),
        "looks": _verify_snapshots(snapshots, read, expects),
        **_verify_alerts(topics, [hit for hit in hits if expects.counts(hit)], expects.rules),
    }


def read_events(topics: Topics) -> Read:
    """The records of mail.events, told apart by the header of bad ones."""
    read = Read()
    for record in topics.read(topics.names.events):
        place = record.partition, record.offset
        if any(name == BAD for name, _ in record.headers):
            read.bad[place] = record.value
        else:
            read.good[place] = record.value or b""
    return read


def _verify_dead_letters(topics: Topics, read: Read) -> dict[str, int]:
    """Verify that each bad record is a dead letter, byte for byte; one that was too large is cut, and marked with its
    length."""
    seen: set[Place] = set()
    count = cut = 0
    for record in topics.read(topics.names.dead_letters):
        headers = {name: (value or b"").decode() for name, value in record.headers}
        assert headers["topic"] == topics.names.events, "a hit or tick of a worker was unreadable"
        place = int(headers["partition"]), int(headers["offset"])
        assert place in read.bad, "a good record became a dead letter"
        whole = read.bad[place]
        if "cut" in headers:
            cut += 1
            assert int(headers["cut"]) == len(whole or b""), "a dead letter has a wrong original length"
            whole = (whole or b"")[: len(record.value or b"")]
        assert record.value == whole, "a dead letter has other bytes"
        seen.add(place)
        count += 1
    assert seen == read.bad.keys(), f"{len(read.bad) - len(seen)} bad records have no dead letter"
    return {"bad": len(read.bad), "dead letters": count, "cut": cut}


def _published(topics: Topics) -> dict[tuple[str, str], list[int]]:
    """The hashes of the published records of each hit, but for the place of its event (which may have been sent twice),
    by event id and domain."""
    published: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for value in topics.values(topics.names.typo_hits):
        hit = decode_hit_or_tick(value)
        if not isinstance(hit, Tick):
            published[hit.event_id, hit.domain].append(hash(encode_hit(replace(hit, partition=None, offset=None))))
    return published


def _verify_hits(topics: Topics, hits: list[TypoHit], *, may_repeat: bool) -> dict[str, int]:
    published = _published(topics)
    wanted = {(hit.event_id, hit.domain) for hit in hits}
    assert published.keys() == wanted, (
        f"{len(wanted - published.keys())} hits lost, {len(published.keys() - wanted)} unexpected"
    )
    assert all(len(set(values)) == 1 for values in published.values()), "a hit id has two contents"
    records = sum(map(len, published.values()))
    assert may_repeat or records == len(hits), "a hit was published twice without a reason"
    return {"hits": len(wanted), "hits published": records}


def _verify_snapshots(snapshots: list[Snapshot], read: Read, expects: Expectation) -> int:
    """The number of snapshots; in none of them an offset is committed whose hits aren't published."""
    for number, each in enumerate(snapshots):
        committed = (
            value for (partition, offset), value in read.good.items() if offset < each.committed.get(partition, 0)
        )
        required = {(hit.event_id, hit.domain) for hit in expects.hits(committed)}
        missing = required - each.published
        assert not missing, f"snapshot {number}: {len(missing)} hits committed and not published"
    return len(snapshots)


def _verify_alerts(topics: Topics, hits: list[TypoHit], rules: Sequence[OracleRule]) -> dict[str, int]:
    contents: defaultdict[str, set[int]] = defaultdict(set)
    numbered: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
    last: dict[str, dict[str, Any]] = {}
    states: defaultdict[str, list[str]] = defaultdict(list)
    records, behind = 0, set()
    for record in topics.read(topics.names.alerts):
        alert = orjson.loads(record.value or b"")
        uid, metadata = alert["finding_info"]["uid"], alert["metadata"]
        records += 1
        contents[metadata["uid"]].add(hash(record.value))
        numbered[uid, metadata["sequence"]].add(metadata["uid"])
        states[uid].append(_state(record, alert))
        if uid in last and metadata["sequence"] < last[uid]["metadata"]["sequence"]:
            behind.add(uid)
        else:
            last[uid] = alert
            behind.discard(uid)
    assert all(len(values) == 1 for values in contents.values()), "an alert's identity has two contents"
    assert all(len(uids) == 1 for uids in numbered.values()), "a sequence of a finding has two contents"
    closed = [uid for uid, alert in last.items() if alert["activity_id"] == CLOSE]
    for uid in closed:
        del last[uid]
    unfinished = [uid for uid, alert in last.items() if _window_state(alert) != "final"]
    assert not unfinished, f"{len(unfinished)} findings aren't final, such as {states[unfinished[0]]}"
    found = {key_of_alert(alert): (alert["count"], alert["severity"].lower()) for alert in last.values()}
    wanted = {key: (min(count, MAX_COUNTED), severity) for key, (count, severity) in finals(hits, rules).items()}
    assert found == wanted, _difference(found, wanted)
    assert not behind, f"the log ends with an older state of {len(behind)} findings, such as {states[min(behind)]}"
    return {"findings": len(found), "withdrawn": len(closed), "alerts": len(contents), "alerts published": records}


def all_final(topics: Topics) -> bool:
    """Whether there are findings, and the last alert of each is that of a window that has ended."""
    states = {
        alert["finding_info"]["uid"]: _window_state(alert)
        for alert in map(orjson.loads, topics.values(topics.names.alerts))
    }
    return bool(states) and set(states.values()) == {"final"}


def _window_state(alert: dict[str, Any]) -> str:
    return str(alert["unmapped"]["straymail"]["window_state"])


def _state(record: KafkaRecord, alert: dict[str, Any]) -> str:
    """A short text of one state of a finding, with the time at which it was sent."""
    metadata, state = alert["metadata"], _window_state(alert)
    return f"{state} {metadata['sequence']}: {alert['count']} (partition {record.partition}, {record.timestamp_ms} ms)"


def key_of_alert(alert: dict[str, Any]) -> tuple[str, str, int]:
    """The rule, the sender or domain and the window of an alert's finding, as the oracle names them."""
    own = alert["unmapped"]["straymail"]
    name = own["sender"] if own["group_by"] == "sender" else own["domains"][0]["domain"]
    return own["rule"], name, alert["start_time"]


def _difference(found: dict[Any, Any], wanted: dict[Any, Any]) -> str:
    keys = [key for key in found.keys() | wanted.keys() if found.get(key) != wanted.get(key)]
    return f"{len(keys)} findings differ, such as " + "; ".join(
        f"{key}: {found.get(key)}, the oracle has {wanted.get(key)}" for key in keys[:3]
    )
