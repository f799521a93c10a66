"""Bytes of mail.alerts in a day, of an organisation like the sample mail's but larger: `make bench-alerts`.

The hits of the sample, which lasts 36 hours, are repeated for four days by many senders, each copy up to an hour
earlier or later, and counted with a watermark message every 5 seconds, as a worker does. The last day is measured: once
as it is, and once with growth published at powers of two alone.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterator
from importlib.resources import as_file

import orjson
from msgspec.structs import replace

from bench.figures import machine, save
from streams import clock
from streams.backtest.count import GROUPINGS
from streams.config import Settings
from streams.data.samples import SPAN_MS, sample_events, watchlist_file
from streams.detection.detector import Detector
from streams.detection.own_mail import OwnMail
from streams.detection.score_events import score_events
from streams.domains.scorer import Scorer
from streams.domains.watchlist.file import read_watchlist
from streams.events.alert_view import read_alert
from streams.events.hit import Tick, TypoHit
from streams.findings.finding_policy import finding_policy
from streams.findings.rules import FindingPolicy
from streams.findings.settings import FindingsSettings
from streams.findings.state import PartitionState
from streams.findings.store.digests import Digests
from streams.worker.ticks import TICK_SECONDS

BEGIN_MS = 1_782_691_200_000
"""2026-06-29 00:00 UTC, a Monday."""
DAY_MS = 86_400_000
DAYS = 4
END_MS = BEGIN_MS + DAYS * DAY_MS
JITTER_MS = 3_600_000
TICK_MS = int(TICK_SECONDS * 1_000)
NEVER = "400d"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.alert_bytes", description=__doc__)
    parser.add_argument("--copies", type=int, default=200, help="how many times as much mail as the sample has")
    copies = parser.parse_args().copies
    with as_file(watchlist_file()) as path:
        watchlist = read_watchlist(path, today=clock.today())
    detector = Detector(Scorer(watchlist, Settings().scorer), Settings().privacy.privacy(), clock.monotonic)
    hits = sorted(_copies(_sample_hits(detector), copies), key=lambda hit: hit.time)
    hits_a_day = sum(hit.time >= END_MS - DAY_MS for hit in hits)
    print(
        f"{machine()}\n\n{hits_a_day:,} hits a day\n\n| growth published | MB a day | alerts a day | of them calling |"
    )
    print("|---|---|---|---|")
    found = {}
    for name, settings in {
        "at powers of two": FindingsSettings(update_after=NEVER, slow_update_after=NEVER),
        "within a minute too": FindingsSettings(),
    }.items():
        figures = found[name] = _last_day(hits, finding_policy(settings, watchlist))
        print(f"| {name} | {figures['bytes'] / 1e6:.1f} | {figures['alerts']:,} | {figures['calling']:,} |", flush=True)
    save("alert_bytes", {"hits_a_day": hits_a_day, "copies": copies, **found})


def _sample_hits(detector: Detector) -> list[TypoHit]:
    """The hits of the sample, which ends at the end of the last day."""
    values = [orjson.dumps(event) for event in sample_events(BEGIN_MS + SPAN_MS)]
    slips = score_events(values, detector, OwnMail([]), now_ms=None).slips
    return [hit for slip in slips for hit in detector.hits(slip.event, slip.typos)]


def _copies(sample: list[TypoHit], copies: int) -> Iterator[TypoHit]:
    """The sample's hits again and again, each copy by senders of its own and up to an hour earlier or later."""
    chance = random.Random(7)
    for first_ms in range(0, DAYS * DAY_MS, SPAN_MS):
        for copy in range(copies):
            shift_ms = first_ms + chance.randrange(-JITTER_MS, JITTER_MS)
            for hit in sample:
                if BEGIN_MS <= hit.time + shift_ms < END_MS:
                    yield _copy(hit, f"{first_ms}.{copy}", f"{copy}.", shift_ms)


def _copy(hit: TypoHit, mail: str, person: str, shift_ms: int) -> TypoHit:
    return replace(
        hit,
        id=f"{mail}.{hit.id}",
        event_id=f"{mail}.{hit.event_id}",
        message_id=f"{mail}.{hit.message_id}" if hit.message_id else None,
        sender=person + hit.sender,
        sender_digest=person + hit.sender_digest,
        time=hit.time + shift_ms,
    )


def _last_day(hits: list[TypoHit], policy: FindingPolicy) -> dict[str, int]:
    """Bytes (keys and values), alerts and those that call somebody, published in the last day."""
    figures = Counter[str]()
    for group_by in GROUPINGS:
        state, offset, at = PartitionState(policy, Digests(b"bench"), group_by), 0, 0
        for now_ms in range(BEGIN_MS, END_MS, TICK_MS):
            begin = at
            while at < len(hits) and hits[at].time < now_ms:
                at += 1
            batch: list[TypoHit | Tick] = [*hits[begin:at], Tick({"0": now_ms}, 1)]
            for outcome in state.apply(batch, first_offset=offset, last_offset=offset + len(batch) - 1):
                for alert in outcome.alerts if now_ms > END_MS - DAY_MS else ():
                    calling = read_alert(alert.value).is_alert
                    figures.update(bytes=len(alert.uid) + len(alert.value), alerts=1, calling=calling)
            offset += len(batch)
    return dict(figures)


if __name__ == "__main__":
    main()
