"""The message to a channel: one for all findings that wait, in plain text, with what the channel may not show left out.

Mistaken domains are written `army[.]ml`: chat programs make links of domains, and fetch a preview from their owner's
server. All other words are ours, or names that can't contain markup.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from streams.counted import counted
from streams.events.alert_view import AlertView
from streams.events.safe_text import clean, clean_name
from streams.notify.shown_address import address_parts, shown_address
from streams.severity import Severity

Redaction = Literal["nothing", "addresses", "domains"]
"""What is left out: nothing, addresses, or addresses and domains."""
LINES = 20
"""Findings that one message describes; the others are counted."""
REPEATED = "may be a repeat: "
DIGITS = 12
"""Digits of a finding's uid that are shown: enough for `straymail alerts --finding`."""


@dataclass(frozen=True, slots=True)
class ChannelMessage:
    """A title in one line, the text, and the highest severity of its findings."""

    title: str
    text: str
    severity: Severity


def compose(views: Sequence[AlertView], redact: Redaction, repeated: Collection[str]) -> ChannelMessage:
    """The message about these findings, at least one, the worst first. `repeated` has the uids of those that the
    channel may have been sent before."""
    worst_first = sorted(views, key=lambda view: (-view.severity, view.first_seen_ms, view.uid))
    first = worst_first[0]
    mark = REPEATED if all(view.uid in repeated for view in views) else ""
    if len(views) == 1:
        title = f"straymail: {mark}{first.severity.caption}: {_what(first, redact)}"
        return ChannelMessage(title, "\n".join(_details(first, redact)), first.severity)
    numbers = Counter(view.severity for view in views)
    by_severity = ", ".join(f"{numbers[severity]:,} {severity.word}" for severity in sorted(numbers, reverse=True))
    title = f"straymail: {mark}{counted(len(views), 'finding')}: {by_severity}"
    return ChannelMessage(title, "\n".join(_lines(worst_first, redact, repeated)), first.severity)


def _lines(views: Sequence[AlertView], redact: Redaction, repeated: Collection[str]) -> Iterator[str]:
    for view in views[:LINES]:
        mark = REPEATED if view.uid in repeated else ""
        yield f"{view.severity.caption}: {mark}{_what(view, redact)} (finding {_finding(view)})"
    if len(views) > LINES:
        yield f"and {counted(len(views) - LINES, 'more finding')}: see the console, or `straymail alerts`"


def _details(view: AlertView, redact: Redaction) -> Iterator[str]:
    yield f"{_what(view, redact)}."
    if view.delivered_count:
        verb = "was" if view.delivered_count == 1 else "were"
        yield f"{_number(view, view.delivered_count, 'mail')} {verb} delivered: treat the content as disclosed."
    elif view.count:
        yield "No delivery is known yet: it may still be possible to stop the mail."
    yield f"Finding {_finding(view)}, rule {clean_name(view.rule)}"
    if view.runbook_url and redact == "nothing":
        yield f"Runbook: {clean(view.runbook_url)}"


def _what(view: AlertView, redact: Redaction) -> str:
    """Who sent how many mails where, and for which domain they were probably meant, without a full stop."""
    who = "A sender"
    if redact == "nothing" and view.sender:
        who = shown_address(*address_parts(view.sender))
    where = _where(view, redact)
    if not view.count and view.asked.asked:
        return f"The gate asked {who[0].lower() + who[1:]} about {counted(view.asked.asked, 'mail')} to {where}"
    number = _number(view, view.count, view.counts.removesuffix("s"))
    if view.group_by == "sender":
        return f"{who} sent {number} to {where}"
    return f"{number} {'wrote' if view.counts == 'senders' else 'went'} to {where}"


def _where(view: AlertView, redact: Redaction) -> str:
    if redact == "domains" or not view.domains:
        return counted(max(view.domain_count, 1), "mistaken domain")
    more = max(view.domain_count, len(view.domains)) - 1
    rest = f" and {counted(more, 'other mistaken domain')}" if more else ""
    intended = {domain.intended for domain in view.domains}
    meant = f", probably meant for {clean_name(intended.pop())}" if len(intended) == 1 else ""
    return f"{defanged(view.domain)}{rest}{meant}"


def defanged(domain: str) -> str:
    """The domain as `army[.]ml`, of which nobody makes a link."""
    return clean_name(domain).replace(".", "[.]")


def _number(view: AlertView, number: int, noun: str) -> str:
    return f"{'at least ' if view.count_is_minimum else ''}{counted(number, noun)}"


def _finding(view: AlertView) -> str:
    return clean(view.uid[:DIGITS])
