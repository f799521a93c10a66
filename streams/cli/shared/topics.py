"""Helpers for commands that read a topic."""

from __future__ import annotations

import click

from streams.kafka.clients.consumer import Since, Start
from streams.kafka.clients.read import KafkaRecord


def start_of(since_ms: int | None) -> Start:
    """Start position: the first record published since (ms since the epoch), or the beginning if None."""
    return "beginning" if since_ms is None else Since(since_ms)


def report_skipped(record: KafkaRecord, what: str) -> None:
    """Report on stderr that a record is skipped since it is no `what`; its content isn't printed."""
    place = f"{record.topic}, partition {record.partition}, offset {record.offset}"
    click.echo(f"straymail: {place} is no {what} and is skipped", err=True)
