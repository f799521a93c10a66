"""The work of `straymail check`: checks what a worker needs to start."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from streams.cli.check.clock import clock_lines
from streams.cli.check.gate import gate_lines
from streams.cli.check.needs import need_lines
from streams.cli.check.stored_state import state_lines
from streams.cli.shared.check_lines import CheckLine, show_checks
from streams.cli.shared.secret_checks import file_lines, key_line
from streams.cli.topics.run import topic_lines
from streams.clock import today
from streams.config import Settings, load_settings
from streams.counted import counted
from streams.dns.settings import DnsSettings
from streams.domains.scorer import Scorer
from streams.domains.watchlist.file import read_watchlist
from streams.errors import ConfigurationError, StraymailError
from streams.kafka.topics.admin import check_topics

LONGEST_LIST = 5
"""Number of names that are listed; of further ones only the number is shown."""


def run_checks(config: Path | None, *, as_json: bool, strict: bool, limit_s: float | None) -> int:
    """Print the result of each check and return the exit code. Kafka is skipped if `limit_s` is None."""
    levels: set[str] = set()
    exit_codes = [0]

    def recorded(lines: Iterator[tuple[CheckLine, int]]) -> Iterator[CheckLine]:
        for line, exit_code in lines:
            levels.add(line.level)
            exit_codes.append(exit_code)
            yield line

    show_checks(recorded(_all_lines(config, limit_s)), as_json=as_json)
    return max(exit_codes) or (1 if strict and "warning" in levels else 0)


def _all_lines(config: Path | None, limit_s: float | None) -> Iterator[tuple[CheckLine, int]]:
    """Each line with the exit code that it calls for."""
    try:
        settings = load_settings(config)
    except ConfigurationError as error:
        yield CheckLine("error", "configuration", str(error)), error.exit_code
        return
    yield CheckLine("ok", "configuration", "every setting is known and valid"), 0
    for lines in (
        watchlist_lines(settings, today()),
        privacy_lines(settings),
        own_domain_lines(settings),
        knowledge_lines(settings),
        need_lines(settings),
        gate_lines(settings),
    ):
        for line in lines:
            yield line, 2 if line.level == "error" else 0
    if limit_s is not None:
        for line in dns_lines(settings.dns):
            yield line, 2 if line.level == "error" else 0
        found = list(kafka_lines(settings, limit_s))
        if all(line.level != "error" for line in found):
            found += clock_lines(settings)
        for line in found:
            yield line, 1 if line.level == "error" else 0


def watchlist_lines(settings: Settings, day: date) -> Iterator[CheckLine]:
    """Whether the watchlist can be read, and which allowed entries have expired or will soon."""
    if settings.watchlist is None:
        remedy = "set STRAYMAIL_WATCHLIST to your own file"
        yield CheckLine("warning", "watchlist", "none is set, so the sample that comes with straymail is used", remedy)
    try:
        watchlist = read_watchlist(settings.watchlist_path, today=day)
    except StraymailError as error:
        yield CheckLine("error", "watchlist", str(error))
        return
    try:
        Scorer(watchlist, settings.scorer)
    except ConfigurationError as error:
        yield CheckLine("error", "scorer", str(error))
    count = len(watchlist.watched)
    yield CheckLine("ok", "watchlist", f"{counted(count, 'domain')} {'is' if count == 1 else 'are'} watched")
    if watchlist.expired:
        names = _listed([entry.domain for entry in watchlist.expired])
        yield CheckLine(
            "warning", "watchlist", f"no longer allowed, past their `until`: {names}", "renew or remove them"
        )
    if expiring := watchlist.expiring(day):
        names = _listed([f"{entry.domain} ({entry.until})" for entry in expiring])
        yield CheckLine(
            "warning", "watchlist", f"allowed for less than 14 more days: {names}", "renew those still needed"
        )


def privacy_lines(settings: Settings) -> Iterator[CheckLine]:
    """Whether the HMAC key is a secret of your own, and whether nobody else can read the files with secrets."""
    try:
        yield key_line(settings)
    except ConfigurationError as error:
        yield CheckLine("error", "privacy", str(error))
    yield from file_lines(settings)


def own_domain_lines(settings: Settings) -> Iterator[CheckLine]:
    """Whether own domains are configured, so that mail from other senders isn't scored."""
    if settings.own_domains:
        yield CheckLine("ok", "own_domains", f"{len(settings.own_domains)} configured")
        return
    remedy = "set STRAYMAIL_OWN_DOMAINS to the domains that your people send from"
    yield CheckLine("warning", "own_domains", "none is set, so mail from any sender is scored", remedy)


def knowledge_lines(settings: Settings) -> Iterator[CheckLine]:
    """Whether earlier mail is remembered, and of persons, too."""
    if not settings.knowledge.enabled:
        yield CheckLine("ok", "knowledge", "off: domains are judged by their names alone")
    elif not settings.own_domains:
        what = "nothing is remembered of earlier mail, since own_domains is not set"
        yield CheckLine("warning", "knowledge", what, "set own_domains, or knowledge.enabled to false")
    elif settings.knowledge.persons and settings.privacy.key_is_public:
        what = "persons are not remembered, since anybody could match their digests under the public default key"
        yield CheckLine("warning", "knowledge", what, "set the privacy key, or knowledge.persons to false")
    else:
        persons = ", and persons at watched ones" if settings.knowledge.persons else "; persons are not"
        yield CheckLine("ok", "knowledge", f"mail with domains near watched ones is remembered{persons}")


def dns_lines(settings: DnsSettings) -> Iterator[CheckLine]:
    """Whether a resolver answers, where DNS is asked about mistaken domains."""
    if not settings.enabled:
        return
    try:
        from streams.dns.lookup import answers_at_all  # needs an extra

        answered = answers_at_all(settings)
    except ConfigurationError:
        return  # `need_lines` has reported it
    servers = ", ".join(settings.servers) or "the resolver of this machine"
    if answered:
        yield CheckLine("ok", "dns", f"{servers} answers")
        return
    remedy = "set STRAYMAIL_DNS_SERVERS to a resolver that this machine reaches; hits have no DNS facts until then"
    yield CheckLine("warning", "dns", f"no answer from {servers}", remedy)


def kafka_lines(settings: Settings, limit_s: float) -> Iterator[CheckLine]:
    """Whether a broker answers, the state of the topics, and whether what they store is whole."""
    try:
        problems = check_topics(settings, limit_s)
    except StraymailError as error:
        yield CheckLine("error", "kafka", str(error))
        return
    yield CheckLine("ok", "kafka", f"{settings.brokers} answers")
    yield from topic_lines(settings, problems)
    if any(problem.error for problem in problems):
        return
    try:
        yield from state_lines(settings, settings.topics.hits_partitions)
    except StraymailError as error:
        yield CheckLine("warning", "state", str(error))


def _listed(names: list[str]) -> str:
    more = len(names) - LONGEST_LIST
    return ", ".join(names[:LONGEST_LIST]) + (f" and {more} more" if more > 0 else "")
