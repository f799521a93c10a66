"""What commands that read a topic have in common."""

from __future__ import annotations

import click

from streams.kafka.clients.consumer import Since, Start
from streams.kafka.clients.read import KafkaRecord


def start_of(since_ms: int | None) -> Start:
    """Where to begin: at what was published since (integer ms), or at the beginning."""
    return "beginning" if since_ms is None else Since(since_ms)


def pass_over(record: KafkaRecord, what: str) -> None:
    """Tell on stderr that a record isn't what it should be, without its content."""
    place = f"{record.topic}, partition {record.partition}, offset {record.offset}"
    click.echo(f"straymail: {place} is no {what} and is passed over", err=True)
