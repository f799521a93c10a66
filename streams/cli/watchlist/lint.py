"""The work of `straymail watchlist lint`."""

from __future__ import annotations

from pathlib import Path

from streams.backtest.watchlist_lint import remarks
from streams.cli.shared.check_lines import CheckLine, show_checks
from streams.clock import today
from streams.config import load_settings
from streams.counted import counted
from streams.domains.watchlist.file import read_watchlist
from streams.errors import UsageError


def run_lint(given: Path | None, config: Path | None, *, as_json: bool) -> int:
    """Print the remarks on a watchlist, by default the configured one. Returns exit code 1 if there are any. Raises
    WatchlistError, and UsageError where there is no watchlist."""
    day, settings = today(), load_settings(config)
    path = given or settings.watchlist
    if path is None:
        raise UsageError("no watchlist is configured: name its FILE, or set STRAYMAIL_WATCHLIST")
    loaded = read_watchlist(path, today=day)
    found = [
        CheckLine("warning", remark.entry, remark.what, remark.remedy)
        for remark in remarks(loaded, settings.scorer, day)
    ]
    counts = (
        f"{len(loaded.watched):,} watched, {len(loaded.allowed):,} allowed, {counted(len(loaded.mistakes), 'mistake')}"
    )
    show_checks([*found, CheckLine("ok", str(path), counts)], as_json=as_json)
    return 1 if found else 0
