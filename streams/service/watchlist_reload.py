"""Reload of the watchlist: a changed file is loaded in another thread and replaces the scorer in one step; an invalid
file is refused."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from streams import clock
from streams.domains.scorer import Scorer
from streams.domains.settings import ScorerSettings
from streams.domains.watchlist.file import read_watchlist
from streams.errors import WatchlistError
from streams.metrics import Metrics

log = logging.getLogger(__name__)

CHECK_SECONDS = 1.0

Signature = tuple[int, int, int, date]


def load_scorer(path: Path, settings: ScorerSettings, metrics: Metrics) -> Scorer:
    """Read the watchlist, build its scorer and set the metrics. Raises WatchlistError with the line and the reason."""
    day = clock.today()
    with _long_lived():
        watchlist = read_watchlist(path, today=day)
        scorer = Scorer(watchlist, settings)
    for entry in watchlist.expired:
        log.warning(
            "watchlist %s: the allowed entry %s has expired (%s) and no longer applies",
            path,
            entry.domain,
            entry.until,
        )
    metrics.watchlist_domains.set(len(watchlist.watched))
    metrics.watchlist_expiring.set(len(watchlist.expiring(day)))
    return scorer


@contextmanager
def _long_lived() -> Iterator[None]:
    """What is made inside stays for long: no garbage collection looks through it, neither now nor later.

    A full one holds all threads up, at 20,000 watched domains for 50 ms. What isn't in a cycle is freed as ever.
    """
    gc.collect()  # what is garbage now would stay for good
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


class WatchlistReload:
    """Calls `use` with a new scorer whenever the file has changed, and each day, since entries expire."""

    def __init__(self, path: Path, settings: ScorerSettings, metrics: Metrics, use: Callable[[Scorer], None]) -> None:
        self._path, self._settings, self._metrics, self._use = path, settings, metrics, use
        self._loaded = self._latest = self._signature()

    def _signature(self) -> Signature | None:
        """Changes with the file and with the date; None where there is no file. Symbolic links are followed, since
        Kubernetes updates a ConfigMap through one."""
        try:
            stat = self._path.stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_size, stat.st_ino, clock.today()

    async def check(self) -> None:
        """Check the file once. It is loaded when two checks in a row find the same change: a file that is still being
        written may be valid so far."""
        signature, before = self._signature(), self._latest
        self._latest = signature
        if signature == self._loaded or signature != before:
            return
        self._loaded = signature
        loop = asyncio.get_running_loop()
        try:
            scorer = await loop.run_in_executor(None, load_scorer, self._path, self._settings, self._metrics)
        except WatchlistError as error:
            log.error("the new watchlist is refused and the old one stays in use: %s", error)
            self._metrics.watchlist_reloads.labels("failure").inc()
            return
        self._use(scorer)
        self._metrics.watchlist_reloads.labels("success").inc()
        log.info("watchlist %s is in use, watched domains: %d", self._path, len(scorer.watchlist.watched))
