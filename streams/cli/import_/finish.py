"""`straymail import --finish`: when the workers have read all of a history, its windows are ended."""

from __future__ import annotations

import time

import click

from streams.clock import monotonic
from streams.config import Settings
from streams.events.hit import Tick, encode_tick
from streams.events.mail import LATEST_MS
from streams.kafka.clients.group_lag import GroupLag
from streams.kafka.clients.sync_producer import SyncProducer
from streams.kafka.topics.admin import partition_counts
from streams.kafka.topics.names import topic_names

POLL_S = 0.5
TOLD_EACH_S = 10.0


def finish_history(settings: Settings) -> None:
    """Wait until all is scored, send the last tick, and wait until it was counted. Raises BrokerError."""
    names = topic_names(settings)
    hit_topics = (names.typo_hits, names.typo_domains)
    counts = partition_counts(settings, [names.events, *hit_topics])
    _wait(GroupLag(settings, settings.group_id, [names.events]), "mail events are to be scored")
    sources = counts[names.events]
    last = encode_tick(Tick({str(partition): LATEST_MS for partition in range(sources)}, sources))
    for topic in hit_topics:
        with SyncProducer(settings, topic) as sender:
            for partition in range(counts[topic]):
                sender.send(last, partition=partition)
    _wait(GroupLag(settings, settings.group_id, hit_topics), "hits are to be counted")
    click.echo("every window has ended; the alerts are in " + names.alerts, err=True)


def _wait(group: GroupLag, what: str) -> None:
    told_s = monotonic()
    while left := group.lag():
        if monotonic() - told_s > TOLD_EACH_S:
            click.echo(f"{left:,} {what}: is a worker with this topic prefix running?", err=True)
            told_s = monotonic()
        time.sleep(POLL_S)
