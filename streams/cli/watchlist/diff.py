"""The work of `straymail watchlist diff`."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from streams.cli.shared.differences import difference_row, difference_table
from streams.cli.shared.output import json_wanted, write_json
from streams.cli.shared.problems import ProblemReport
from streams.cli.shared.sources import read_events
from streams.clock import monotonic, today
from streams.config import load_settings
from streams.detection.detector import Detector
from streams.detection.own_mail import OwnMail
from streams.detection.watchlist_diff import differences
from streams.domains.scorer import Scorer
from streams.domains.watchlist.file import read_watchlist
from streams.sources.read import ReadSummary
from streams.sources.registry import source_named


def run_diff(old: Path, new: Path, events: tuple[str, ...], config: Path | None, *, as_json: bool) -> int:
    """Print the differences between two watchlists on the given mail events. Returns the exit code."""
    settings, day = load_settings(config), today()
    privacy = settings.privacy.privacy()
    before, after = (
        Detector(Scorer(read_watchlist(path, today=day), settings.scorer), privacy, monotonic) for path in (old, new)
    )
    source, tally, on_problem = source_named("jsonl"), ReadSummary(), ProblemReport()
    with ExitStack() as opened:
        mail = read_events(source, events, tally, on_problem, opened)
        found = differences(mail, before, after, OwnMail(settings.own_domains))
    on_problem.report_rest()
    if json_wanted(as_json):
        for one in found:
            write_json(difference_row(one))
    else:
        Console().print(difference_table(found))
    return 1 if tally.problems else 0
