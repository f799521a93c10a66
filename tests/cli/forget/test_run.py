"""`straymail forget`, on a broker; that workers and `learn` obey is tested with them."""

from __future__ import annotations

import pytest

from streams import clock
from streams.config import Settings
from streams.kafka.clients.read import read_to_end
from streams.kafka.clients.sync_producer import SyncProducer
from streams.kafka.topics.names import TopicNames
from streams.memory.facts import PersonFacts
from streams.memory.memory import DAY_MS
from streams.memory.memory_digests import MemoryDigests
from streams.memory.records import BarredFacts, MemoryKind, MemoryRecord, decode, encode
from tests.cli.conftest import RunCommand

TODAY = clock.now_ms() // DAY_MS
FACTS = PersonFacts(TODAY, TODAY, 1)


@pytest.fixture
def digests(pipeline: Settings, names: TopicNames) -> MemoryDigests:
    """Of a pipeline with two persons, one of them known to two source partitions, and a record of rubbish."""
    digests = MemoryDigests(pipeline.privacy.secret())
    smith, jones = digests.person("j.smith", "army.mil"), digests.person("k.jones", "army.mil")
    with SyncProducer(pipeline, names.correspondents) as producer:
        producer.send(b"rubbish", key=b"rubbish")
        for digest, partition in ((smith, 0), (smith, 3), (smith, 3), (jones, 3)):
            key, value = encode(MemoryRecord(MemoryKind.PERSON, digest, FACTS), partition, digests.key_id)
            producer.send(value, key=key)
    return digests


def left(pipeline: Settings, names: TopicNames) -> dict[tuple[MemoryKind, int], object]:
    """Kind and digest of what compaction would leave, with its facts."""
    last = {record.key: record.value for record in read_to_end(pipeline, names.correspondents)}
    records = [decode(key, value, today=TODAY).record for key, value in last.items() if value and key != b"rubbish"]
    return {(record.kind, record.digest): record.facts for record in records}


def test_all_records_of_a_person_are_erased_and_a_bar_is_written(
    pipeline: Settings, names: TopicNames, digests: MemoryDigests, run: RunCommand
) -> None:
    done = run("forget", "J.Smith@ARMY.mil")
    assert (done.exit_code, done.out) == (0, b"")
    assert done.err == "J.Smith@ARMY.mil: 2 records erased; it is not remembered again\n"
    assert left(pipeline, names) == {
        (MemoryKind.PERSON, digests.person("k.jones", "army.mil")): FACTS,
        (MemoryKind.BARRED, digests.person("j.smith", "army.mil")): BarredFacts(TODAY),
    }


@pytest.mark.parametrize(
    "name",
    ["John Smith <J.Smith@army.mil>", " <j.smith+lists@army.mil.> ", '"j.smith"@army.mil', "j.smith@army.mil (old)"],
)
def test_every_spelling_of_an_address_erases_it(
    pipeline: Settings, names: TopicNames, digests: MemoryDigests, run: RunCommand, name: str
) -> None:
    assert "2 records erased" in run("forget", name).err
    assert (MemoryKind.PERSON, digests.person("j.smith", "army.mil")) not in left(pipeline, names)


def test_who_is_not_known_is_barred(
    pipeline: Settings, names: TopicNames, digests: MemoryDigests, run: RunCommand
) -> None:
    assert run("forget", "army.ml").err == "army.ml: 0 records erased; it is not remembered again\n"
    assert (MemoryKind.BARRED, digests.domain("army.ml")) in left(pipeline, names)


@pytest.mark.usefixtures("digests")
@pytest.mark.parametrize("name", ["", "j.smith@", "not a domain", "a..b", "a@army.mil, b@army.mil"])
def test_what_is_neither_address_nor_domain_is_refused(
    pipeline: Settings, names: TopicNames, run: RunCommand, name: str
) -> None:
    before = len(list(read_to_end(pipeline, names.correspondents)))
    done = run("forget", "j.smith@army.mil", name)
    assert done.exit_code == 2
    assert "give an address or a domain" in done.err
    assert len(list(read_to_end(pipeline, names.correspondents))) == before
