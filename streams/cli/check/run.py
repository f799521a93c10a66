"""What has to be right before a worker starts, looked at part by part."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from streams.cli.shared.check_lines import Checked, show_checks
from streams.cli.topics.run import topic_lines
from streams.clock import today
from streams.config import Settings, load_settings
from streams.domains.watchlist.file import read_watchlist
from streams.errors import ConfigurationError, StraymailError
from streams.kafka.topics.admin import check_topics

LONGEST_LIST = 5
"""So many names are told; of the rest, their number."""


def run_checks(config: Path | None, *, as_json: bool, strict: bool, limit_s: float | None) -> int:
    """Write what was found and return the exit status; with no `limit_s` Kafka is left out."""
    levels: set[str] = set()
    statuses = [0]

    def watched(lines: Iterator[tuple[Checked, int]]) -> Iterator[Checked]:
        for checked, status in lines:
            levels.add(checked.level)
            statuses.append(status)
            yield checked

    show_checks(watched(_everything(config, limit_s)), as_json=as_json)
    return max(statuses) or (1 if strict and "warning" in levels else 0)


def _everything(config: Path | None, limit_s: float | None) -> Iterator[tuple[Checked, int]]:
    """Each line with the exit status that it asks for."""
    try:
        settings = load_settings(config)
    except ConfigurationError as error:
        yield Checked("error", "configuration", str(error)), error.exit_code
        return
    yield Checked("ok", "configuration", "every setting is known and valid"), 0
    for lines in (watchlist_lines(settings, today()), privacy_lines(settings), own_domain_lines(settings)):
        for checked in lines:
            yield checked, 2 if checked.level == "error" else 0
    if limit_s is not None:
        for checked in kafka_lines(settings, limit_s):
            yield checked, 1 if checked.level == "error" else 0


def watchlist_lines(settings: Settings, day: date) -> Iterator[Checked]:
    """Whether the watchlist can be read, and which of its entries have ended or end soon."""
    if settings.watchlist is None:
        remedy = "set STRAYMAIL_WATCHLIST to a file with your own"
        yield Checked("warning", "watchlist", "none is set, so the sample that comes with straymail is used", remedy)
    try:
        watchlist = read_watchlist(settings.watchlist_path, today=day)
    except StraymailError as error:
        yield Checked("error", "watchlist", str(error))
        return
    yield Checked("ok", "watchlist", f"{len(watchlist.watched):,} domains are watched")
    if watchlist.expired:
        names = _listed([entry.domain for entry in watchlist.expired])
        yield Checked("warning", "watchlist", f"no longer allowed since their `until`: {names}", "renew or remove them")
    if expiring := watchlist.expiring(day):
        names = _listed([f"{entry.domain} ({entry.until})" for entry in expiring])
        yield Checked(
            "warning", "watchlist", f"allowed for less than 14 more days: {names}", "renew them if they are right"
        )


def privacy_lines(settings: Settings) -> Iterator[Checked]:
    """Whether the key of the HMAC is a secret."""
    try:
        settings.privacy.secret()
    except ConfigurationError as error:
        yield Checked("error", "privacy", str(error))
        return
    if settings.privacy.key_is_public:
        remedy = (
            "set STRAYMAIL_PRIVACY_KEY_FILE (or _KEY) to a secret, the same for all workers, before there is real mail"
        )
        yield Checked("warning", "privacy", "the key is the public default: anybody can guess addresses back", remedy)
    else:
        yield Checked("ok", "privacy", "the key is your own")


def own_domain_lines(settings: Settings) -> Iterator[Checked]:
    """Whether mail of others is told apart."""
    if settings.own_domains:
        yield Checked("ok", "own_domains", f"{len(settings.own_domains)} of your own")
        return
    remedy = "set STRAYMAIL_OWN_DOMAINS to the domains that your people send from"
    yield Checked("warning", "own_domains", "none is set, so mail from anybody is scored", remedy)


def kafka_lines(settings: Settings, limit_s: float) -> Iterator[Checked]:
    """Whether a broker answers, and what is wrong with the topics."""
    try:
        found = check_topics(settings, limit_s)
    except StraymailError as error:
        yield Checked("error", "kafka", str(error))
        return
    yield Checked("ok", "kafka", f"{settings.brokers} answers")
    yield from topic_lines(settings, found)


def _listed(names: list[str]) -> str:
    more = len(names) - LONGEST_LIST
    return ", ".join(names[:LONGEST_LIST]) + (f" and {more} more" if more > 0 else "")
