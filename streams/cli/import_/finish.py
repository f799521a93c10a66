"""The work of `straymail import --finish`: closes all windows of a history once workers have read it."""

from __future__ import annotations

import time

import click

from streams.clock import monotonic
from streams.config import Settings
from streams.counted import counted
from streams.events.hit import Tick, encode_tick
from streams.events.mail import LATEST_MS
from streams.kafka.clients.group_lag import GroupLag
from streams.kafka.clients.sync_producer import SyncProducer
from streams.kafka.topics.admin import partition_counts
from streams.kafka.topics.names import topic_names

POLL_S = 0.5
REPORT_EVERY_S = 10.0


def finish_history(settings: Settings) -> None:
    """Wait until all events are scored, send the last watermark, and wait until it is counted. Raises BrokerError."""
    names = topic_names(settings)
    hit_topics = (names.typo_hits, names.typo_domains)
    counts = partition_counts(settings, [names.events, *hit_topics])
    _wait(GroupLag(settings, settings.group_id, [names.events]), "mail event")
    sources = counts[names.events]
    last = encode_tick(Tick({str(partition): LATEST_MS for partition in range(sources)}, sources))
    for topic in hit_topics:
        with SyncProducer(settings, topic) as producer:
            for partition in range(counts[topic]):
                producer.send(last, partition=partition)
    _wait(GroupLag(settings, settings.group_id, hit_topics), "hit")
    click.echo("all windows are closed; the alerts are in " + names.alerts, err=True)


def _wait(group: GroupLag, noun: str) -> None:
    reported_s = monotonic()
    while left := group.lag():
        if monotonic() - reported_s > REPORT_EVERY_S:
            click.echo(f"{counted(left, noun)} still to be read: is a worker with this topic prefix running?", err=True)
            reported_s = monotonic()
        time.sleep(POLL_S)
