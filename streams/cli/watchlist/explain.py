"""The work of `straymail watchlist explain`."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.text import Text

from streams.cli.shared.output import json_wanted, write_json
from streams.cli.shared.tables import meant_text, typed_text
from streams.clock import today
from streams.config import Settings, load_settings
from streams.dns.settings import DnsSettings
from streams.domains.registration import DESCRIPTIONS, registration
from streams.domains.scorer import Scorer
from streams.domains.stakes import Stakes
from streams.domains.verdict import Verdict
from streams.domains.watchlist.file import read_watchlist
from streams.errors import MalformedDomain, UsageError
from streams.events.dns_facts import in_words
from streams.events.safe_text import clean


def run_explain(domain: str, config: Path | None, path: Path | None, *, as_json: bool) -> int:
    """Print the verdict on a domain. Returns the exit code; raises UsageError if it is no domain name."""
    settings = load_settings(config, {"watchlist": path} if path else None)
    loaded = read_watchlist(settings.watchlist_path, today=today())
    try:
        verdict = Scorer(loaded, settings.scorer).score(domain)
    except MalformedDomain as error:
        raise UsageError(str(error)) from error
    registrable, how = registration(verdict.domain)
    dns = _dns(verdict, settings.dns)
    group = (
        None if verdict.intended is None else loaded.group_of(verdict.intended) or _class(verdict.intended, settings)
    )
    if json_wanted(as_json):
        write_json(
            {**verdict._asdict(), "group": group, "registrable": registrable, "registration": how, "dns": dns or None}
        )
        return 0
    console = Console()
    console.print(_sentence(verdict, settings))
    console.print(Text(clean(verdict.explanation)))
    console.print(Text(f"Registration: {clean(registrable)} ({DESCRIPTIONS[how]})"))
    if dns:
        console.print(Text(f"DNS: {dns}"))
    if group is not None:
        console.print(Text(f"Group: {clean(group)}"))
    return 0


def _class(intended: str, settings: Settings) -> str | None:
    """The group that a domain has by its class, where the watchlist puts it in none."""
    return Stakes(settings.own_domains).class_of(intended)


def _dns(verdict: Verdict, settings: DnsSettings) -> str:
    """What DNS says of a possible typo, in words; empty where it isn't asked, or gives no usable reply."""
    if not settings.enabled or verdict.intended is None:
        return ""
    from streams.dns.lookup import facts_now  # needs an extra

    facts = facts_now([verdict.domain], settings).get(verdict.domain)
    return "" if facts is None else in_words(verdict.domain, facts)


def _sentence(verdict: Verdict, settings: Settings) -> Text:
    if verdict.intended is None:
        return Text.assemble((clean(verdict.domain), "bold"), " is no typo of a watched domain")
    kind = "a certain typo" if verdict.certain else "an uncertain typo" if verdict.typo else "no typo"
    typed, meant = typed_text(verdict.domain, verdict.intended), meant_text(verdict.domain, verdict.intended)
    score = f" (score {verdict.score:.2f}; a typo from {settings.scorer.typo:.2f})"
    return Text.assemble(typed, f" is {kind} of ", meant, score)
