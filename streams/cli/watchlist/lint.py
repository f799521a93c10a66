"""The work of `straymail watchlist lint`."""

from __future__ import annotations

from pathlib import Path

from streams.backtest.watchlist_lint import remarks
from streams.cli.shared.check_lines import CheckLine, show_checks
from streams.clock import today
from streams.counted import counted
from streams.domains.settings import ScorerSettings
from streams.domains.watchlist.file import read_watchlist


def run_lint(path: Path, *, as_json: bool) -> int:
    """Print the remarks on a watchlist. Returns exit code 1 if there are any. Raises WatchlistError."""
    day = today()
    loaded = read_watchlist(path, today=day)
    found = [
        CheckLine("warning", remark.entry, remark.what, remark.remedy)
        for remark in remarks(loaded, ScorerSettings(), day)
    ]
    counts = (
        f"{len(loaded.watched):,} watched, {len(loaded.allowed):,} allowed, {counted(len(loaded.mistakes), 'mistake')}"
    )
    show_checks([*found, CheckLine("ok", str(path), counts)], as_json=as_json)
    return 1 if found else 0
