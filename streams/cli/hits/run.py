"""The work of `straymail hits`: reads, filters and shows mail.typo-hits, and joins the hits of a mail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.console import Console

from streams.cli.alerts.run import newest_states, stored_alerts
from streams.cli.shared.output import json_wanted, write_json
from streams.cli.shared.tables import hit_table, total_line
from streams.cli.shared.topics import report_skipped, start_of
from streams.config import Settings
from streams.errors import UnreadableRecord, UsageError
from streams.events.alert_view import AlertView
from streams.events.hit import TypoHit, decode_hit_or_tick, encode_hit
from streams.events.mail import AHEAD_ALLOWED_MS
from streams.events.mail_join import mails_of, of_finding
from streams.kafka.clients.read import KafkaRecord, follow, read_to_end
from streams.kafka.topics.names import topic_names


@dataclass(frozen=True, slots=True)
class HitFilter:
    """Criteria for hits: the mistaken domain, the sender in the form that hits have; None matches all."""

    domain: str | None = None
    sender: str | None = None

    def matches(self, hit: TypoHit) -> bool:
        """Whether the hit meets all criteria."""
        return (self.domain is None or hit.domain == self.domain.lower()) and (
            self.sender is None or hit.sender == self.sender.lower()
        )


def show_hits(settings: Settings, wanted: HitFilter, since: int | None, *, as_json: bool) -> int:
    """Show the hits published so far, or since (ms), by time. Returns the exit code."""
    hits = (hit for hit in stored_hits(settings, since) if wanted.matches(hit))
    _show(sorted(hits, key=lambda hit: hit.time), "hit", as_json=as_json)
    return 0


def follow_hits(settings: Settings, wanted: HitFilter, since: int | None, *, as_json: bool) -> int:
    """Show the hits published so far (or since, in ms) and each new one until interrupted. Returns the exit code."""
    records = follow(settings, topic_names(settings).typo_hits, start=start_of(since))
    chosen = (hit for hit in hits_in(records) if wanted.matches(hit))
    if json_wanted(as_json):
        for hit in chosen:
            write_json(encode_hit(hit))
        return 0
    console = Console()
    console.print(hit_table([], console))
    for hit in chosen:
        console.print(hit_table([hit], console, header=False))
    return 0


def show_finding(settings: Settings, uid: str, wanted: HitFilter, *, as_json: bool) -> int:
    """Show a finding's mails, one row for each mail and mistaken domain. Returns the exit code.

    Raises UsageError unless exactly one finding's uid begins with `uid`.
    """
    finding = _finding(settings, uid)
    hits_of_rule = settings.findings.hits_of_rule
    hits = [
        hit
        for hit in stored_hits(settings, finding.start_ms - AHEAD_ALLOWED_MS)
        if of_finding(hit, finding, hits_of_rule) and wanted.matches(hit)
    ]
    _show(mails_of(hits), "mail", as_json=as_json)
    return 0


def stored_hits(settings: Settings, since: int | None = None) -> Iterator[TypoHit]:
    """Every hit in mail.typo-hits now, or only those published since (ms). Raises BrokerError."""
    return hits_in(read_to_end(settings, topic_names(settings).typo_hits, start=start_of(since)))


def hits_in(records: Iterable[KafkaRecord]) -> Iterator[TypoHit]:
    """The hits among the records. Ticks are left out; any other record is reported on stderr, without its content."""
    for record in records:
        try:
            hit = decode_hit_or_tick(record.value)
        except UnreadableRecord:
            report_skipped(record, "typo hit")
            continue
        if isinstance(hit, TypoHit):
            yield hit


def _finding(settings: Settings, uid: str) -> AlertView:
    found = newest_states(alert for alert in stored_alerts(settings) if alert.view.uid.startswith(uid))
    if len(found) != 1:
        count = "no finding's uid begins" if not found else f"{len(found)} findings' uids begin"
        raise UsageError(f"{count} with {uid!r} in {topic_names(settings).alerts}: straymail alerts --json shows them")
    return found[0].view


def _show(hits: list[TypoHit], noun: str, *, as_json: bool) -> None:
    if json_wanted(as_json):
        for hit in hits:
            write_json(encode_hit(hit))
        return
    console = Console()
    console.print(hit_table(hits, console))
    console.print(total_line(len(hits), noun))
