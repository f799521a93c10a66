"""The work of `straymail watchlist lint`."""

from __future__ import annotations

from pathlib import Path

from streams.backtest.watchlist_lint import remarks
from streams.cli.shared.check_lines import Checked, show_checks
from streams.clock import today
from streams.domains.settings import ScorerSettings
from streams.domains.watchlist.file import read_watchlist


def run_lint(path: Path, *, as_json: bool) -> int:
    """Returns the exit status: 1 where there is a remark. Raises WatchlistError where the file can't be used."""
    day = today()
    loaded = read_watchlist(path, today=day)
    found = [
        Checked("warning", remark.entry, remark.what, remark.remedy)
        for remark in remarks(loaded, ScorerSettings(), day)
    ]
    counts = f"{len(loaded.watched):,} watched, {len(loaded.allowed):,} allowed, {len(loaded.mistakes):,} mistakes"
    show_checks([*found, Checked("ok", str(path), counts)], as_json=as_json)
    return 1 if found else 0
