"""What came of a stream, against the oracle that reads it once in one plain loop."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from streams.events.finding import CLOSE
from streams.events.hit import Tick, TypoHit, decode_hit_or_tick
from streams.kafka.clients.read import KafkaRecord
from tests.faults.stream import BAD
from tests.findings.oracle import DEFAULT_RULES, OracleRule, finals
from tests.pipeline.mail import expected_hits
from tests.pipeline.topics import Topics

MOST_COUNTED = 10_000
"""Of one key and window."""
Place = tuple[int, int]
"""Partition and offset."""
Hits = frozenset[tuple[str, str]]
"""Event id and mistaken domain."""


@dataclass(frozen=True)
class Look:
    """What was committed of the mail events at one moment, and the hits that were there just after."""

    committed: dict[int, int]
    published: Hits


@dataclass(frozen=True)
class Expectation:
    """What must come of the records: the hits that are published, those of them that count, and the rules."""

    hits: Callable[[Iterable[bytes]], list[TypoHit]] = expected_hits
    counts: Callable[[TypoHit], bool] = lambda _hit: True
    rules: Sequence[OracleRule] = DEFAULT_RULES


USUAL = Expectation()


@dataclass
class Read:
    """mail.events as they came: the good with their places, the bad by theirs."""

    good: dict[Place, bytes] = field(default_factory=dict)
    bad: dict[Place, bytes | None] = field(default_factory=dict)


def look(topics: Topics) -> Look:
    """Look at a pipeline that runs: in this order, so that what is committed must be published."""
    committed = topics.committed(topics.names.events)
    return Look(committed, frozenset(_published(topics)))


def judge(
    topics: Topics, looks: list[Look], *, may_repeat: bool = True, expects: Expectation = USUAL
) -> dict[str, int]:
    """The figures; an AssertionError where the promise is broken."""
    read = _read(topics)
    hits = expects.hits(read.good.values())
    return {
        "events": len(read.good) + len(read.bad),
        **_judge_dead_letters(topics, read),
        **_judge_hits(topics, hits, may_repeat=may_repeat),
        "looks": _judge_looks(looks, read, expects),
        **_judge_alerts(topics, [hit for hit in hits if expects.counts(hit)], expects.rules),
    }


def _read(topics: Topics) -> Read:
    read = Read()
    for record in topics.read(topics.names.events):
        place = record.partition, record.offset
        if any(name == BAD for name, _ in record.headers):
            read.bad[place] = record.value
        else:
            read.good[place] = record.value or b""
    return read


def _judge_dead_letters(topics: Topics, read: Read) -> dict[str, int]:
    """Each bad record came out again, byte for byte; one that was too large is cut, and says how long it was."""
    seen: set[Place] = set()
    count = cut = 0
    for record in topics.read(topics.names.dead_letters):
        told = {name: (value or b"").decode() for name, value in record.headers}
        assert told["topic"] == topics.names.events, "a hit or tick of our own was unreadable"
        place = int(told["partition"]), int(told["offset"])
        assert place in read.bad, "a good record became a dead letter"
        whole = read.bad[place]
        if "cut" in told:
            cut += 1
            assert int(told["cut"]) == len(whole or b""), "a dead letter doesn't say how long it was"
            whole = (whole or b"")[: len(record.value or b"")]
        assert record.value == whole, "a dead letter has other bytes"
        seen.add(place)
        count += 1
    assert seen == read.bad.keys(), f"{len(read.bad) - len(seen)} bad records are no dead letters"
    return {"bad": len(read.bad), "dead letters": count, "cut": cut}


def _published(topics: Topics) -> dict[tuple[str, str], list[int]]:
    """By event id and domain: the hashes of what was published of it."""
    published: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for value in topics.values(topics.names.typo_hits):
        hit = decode_hit_or_tick(value)
        if not isinstance(hit, Tick):
            published[hit.event_id, hit.domain].append(hash(value))
    return published


def _judge_hits(topics: Topics, hits: list[TypoHit], *, may_repeat: bool) -> dict[str, int]:
    published = _published(topics)
    wanted = {(hit.event_id, hit.domain) for hit in hits}
    assert published.keys() == wanted, (
        f"{len(wanted - published.keys())} lost, {len(published.keys() - wanted)} made up"
    )
    assert all(len(set(values)) == 1 for values in published.values()), "a hit id has two contents"
    records = sum(map(len, published.values()))
    assert may_repeat or records == len(hits), "a hit was published twice without a reason"
    return {"hits": len(wanted), "hits published": records}


def _judge_looks(looks: list[Look], read: Read, expects: Expectation) -> int:
    """No offset was committed ahead of what was published."""
    for number, each in enumerate(looks):
        behind = (
            value for (partition, offset), value in read.good.items() if offset < each.committed.get(partition, 0)
        )
        owed = {(hit.event_id, hit.domain) for hit in expects.hits(behind)}
        assert owed <= each.published, f"look {number}: {len(owed - each.published)} hits committed and not published"
    return len(looks)


def _judge_alerts(topics: Topics, hits: list[TypoHit], rules: Sequence[OracleRule]) -> dict[str, int]:
    contents: defaultdict[str, set[int]] = defaultdict(set)
    last: dict[str, dict[str, Any]] = {}
    told: defaultdict[str, list[str]] = defaultdict(list)
    records, behind = 0, set()
    for record in topics.read(topics.names.alerts):
        alert = orjson.loads(record.value or b"")
        uid, metadata = alert["finding_info"]["uid"], alert["metadata"]
        records += 1
        contents[metadata["uid"]].add(hash(record.value))
        told[uid].append(_told(record, alert))
        if uid in last and metadata["sequence"] < last[uid]["metadata"]["sequence"]:
            behind.add(uid)
        else:
            last[uid] = alert
            behind.discard(uid)
    assert all(len(values) == 1 for values in contents.values()), "an alert's identity has two contents"
    closed = [uid for uid, alert in last.items() if alert["activity_id"] == CLOSE]
    for uid in closed:
        del last[uid]
    unfinished = [uid for uid, alert in last.items() if alert["unmapped"]["straymail"]["window_state"] != "final"]
    assert not unfinished, f"{len(unfinished)} findings aren't final, such as {told[unfinished[0]]}"
    found = {_key(alert): (alert["count"], alert["severity"].lower()) for alert in last.values()}
    wanted = {key: (min(count, MOST_COUNTED), severity) for key, (count, severity) in finals(hits, rules).items()}
    assert found == wanted, _difference(found, wanted)
    assert not behind, f"the log ends with an older state of {len(behind)} findings, such as {told[min(behind)]}"
    return {"findings": len(found), "withdrawn": len(closed), "alerts": len(contents), "alerts published": records}


def _told(record: KafkaRecord, alert: dict[str, Any]) -> str:
    """One state of a finding in short, with the time at which it was sent."""
    metadata, state = alert["metadata"], alert["unmapped"]["straymail"]["window_state"]
    return f"{state} {metadata['sequence']}: {alert['count']} (partition {record.partition}, {record.timestamp_ms} ms)"


def _key(alert: dict[str, Any]) -> tuple[str, str, int]:
    own = alert["unmapped"]["straymail"]
    name = own["sender"] if own["group_by"] == "sender" else own["domains"][0]["domain"]
    return own["rule"], name, alert["start_time"]


def _difference(found: dict[Any, Any], wanted: dict[Any, Any]) -> str:
    keys = [key for key in found.keys() | wanted.keys() if found.get(key) != wanted.get(key)]
    return f"{len(keys)} findings differ, such as " + "; ".join(
        f"{key}: {found.get(key)}, the oracle has {wanted.get(key)}" for key in keys[:3]
    )
