from __future__ import annotations

from dataclasses import astuple

from streams.kafka.settings import MAX_PREFIX, KafkaSettings, TopicSettings
from streams.kafka.topics.names import DAY_MS, Topic, state_topic_of, topic_names, wanted_topics

KAFKA_LONGEST_NAME = 249


def wanted(**topics: int) -> dict[str, Topic]:
    return {topic.name: topic for topic in wanted_topics(KafkaSettings(topics=TopicSettings.model_validate(topics)))}


def test_the_table_has_each_name_once() -> None:
    names = astuple(topic_names(KafkaSettings()))
    assert sorted(wanted()) == sorted(set(names)) == sorted(names)


def test_a_prefix_is_put_before_each_name() -> None:
    names = astuple(topic_names(KafkaSettings(topic_prefix="history.")))
    assert names == tuple(f"history.{name}" for name in astuple(topic_names(KafkaSettings())))


def test_the_longest_prefix_leaves_room_for_the_names() -> None:
    names = astuple(topic_names(KafkaSettings(topic_prefix="x" * MAX_PREFIX)))
    assert max(map(len, names)) <= KAFKA_LONGEST_NAME


def test_retention_is_as_documented() -> None:
    days = {name: int(topic.config["retention.ms"]) / DAY_MS for name, topic in wanted().items() if "state" not in name}
    assert days == {
        "mail.events": 3,
        "mail.typo-hits": 21,
        "mail.typo-domains": 21,
        "mail.alerts": 90,
        "mail.dead-letters": 7,
        "mail.correspondents": 400,
        "mail.gate": 45,
        "mail.triage": 120,
    }


def test_cleanup_policies() -> None:
    assert {name: topic.config["cleanup.policy"] for name, topic in wanted().items()} == {
        "mail.events": "delete",
        "mail.typo-hits": "delete",
        "mail.typo-domains": "delete",
        "mail.typo-hits-state": "compact",
        "mail.typo-domains-state": "compact",
        "mail.alerts": "compact,delete",
        "mail.dead-letters": "delete",
        "mail.correspondents": "compact,delete",
        "mail.gate": "compact,delete",
        "mail.triage": "compact,delete",
    }


def test_the_broker_stamps_hits_and_watermark_messages() -> None:
    stamped = {name for name, topic in wanted().items() if topic.config.get("message.timestamp.type")}
    assert stamped == {"mail.typo-hits", "mail.typo-domains"}


def test_every_state_of_a_finding_is_kept_for_a_week() -> None:
    assert wanted()["mail.alerts"].config["min.compaction.lag.ms"] == str(7 * DAY_MS)


def test_dead_letters_have_room_for_the_largest_event_and_its_headers() -> None:
    table = wanted(event_max_bytes=5_000_000)
    assert table["mail.events"].config["max.message.bytes"] == "5000000"
    assert table["mail.dead-letters"].config["max.message.bytes"] == str(5_000_000 + 65_536)


def test_hit_topics_and_their_state_topics_have_the_same_fixed_number_of_partitions() -> None:
    table = wanted(hits_partitions=12, events_partitions=24)
    for hits, state in state_topic_of(KafkaSettings()).items():
        assert table[hits].partitions == table[state].partitions == 12
        assert table[hits].partitions_fixed
        assert table[state].partitions_fixed
    assert table["mail.events"].partitions == 24
    assert not table["mail.events"].partitions_fixed


def test_each_topic_names_the_setting_that_its_partitions_come_from() -> None:
    for topic in wanted_topics(KafkaSettings()):
        assert getattr(TopicSettings(), topic.partitions_setting) == topic.partitions
