"""Typo hits from mail.typo-hits, chosen, joined to mails and shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.console import Console

from streams.cli.alerts.run import newest_states, stored_alerts
from streams.cli.shared.output import json_wanted, write_json
from streams.cli.shared.tables import counted, hit_table
from streams.cli.shared.topics import pass_over, start_of
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
    """Which hits: to this mistaken domain, from this sender as hits have it; None asks for nothing."""

    domain: str | None = None
    sender: str | None = None

    def takes(self, hit: TypoHit) -> bool:
        """Whether the hit is wanted."""
        return (self.domain is None or hit.domain == self.domain.lower()) and (
            self.sender is None or hit.sender == self.sender.lower()
        )


def show_hits(settings: Settings, wanted: HitFilter, since: int | None, *, as_json: bool) -> int:
    """What is there now, by time; returns the exit status."""
    hits = (hit for hit in stored_hits(settings, since) if wanted.takes(hit))
    _show(sorted(hits, key=lambda hit: hit.time), "hit", as_json=as_json)
    return 0


def follow_hits(settings: Settings, wanted: HitFilter, since: int | None, *, as_json: bool) -> int:
    """Each hit that is there, or was published since, and each that comes, until interrupted."""
    records = follow(settings, topic_names(settings).typo_hits, start=start_of(since))
    chosen = (hit for hit in hits_in(records) if wanted.takes(hit))
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
    """The mails of a finding, each mail and mistaken domain once; returns the exit status. UsageError without any."""
    finding = _finding(settings, uid)
    which = settings.findings.hits_of_rule
    belongs = [
        hit
        for hit in stored_hits(settings, finding.start_ms - AHEAD_ALLOWED_MS)
        if of_finding(hit, finding, which) and wanted.takes(hit)
    ]
    _show(mails_of(belongs), "mail", as_json=as_json)
    return 0


def stored_hits(settings: Settings, since: int | None = None) -> Iterator[TypoHit]:
    """Every hit that is in mail.typo-hits now, or that was published since (integer ms). Raises BrokerError."""
    return hits_in(read_to_end(settings, topic_names(settings).typo_hits, start=start_of(since)))


def hits_in(records: Iterable[KafkaRecord]) -> Iterator[TypoHit]:
    """The hits among the records; ticks are left out, and what is neither is told on stderr, without its content."""
    for record in records:
        try:
            hit = decode_hit_or_tick(record.value)
        except UnreadableRecord:
            pass_over(record, "typo hit")
            continue
        if isinstance(hit, TypoHit):
            yield hit


def _finding(settings: Settings, uid: str) -> AlertView:
    found = newest_states(alert for alert in stored_alerts(settings) if alert.view.uid.startswith(uid))
    if len(found) != 1:
        which = "no finding's uid begins" if not found else f"{len(found)} findings' uids begin"
        raise UsageError(f"{which} with {uid!r} in {topic_names(settings).alerts}: straymail alerts --json shows them")
    return found[0].view


def _show(hits: list[TypoHit], what: str, *, as_json: bool) -> None:
    if json_wanted(as_json):
        for hit in hits:
            write_json(encode_hit(hit))
        return
    console = Console()
    console.print(hit_table(hits, console))
    console.print(counted(len(hits), what))
