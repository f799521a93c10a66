"""What a page asks for: filters and places in the list, read from a query string that anybody may have written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from streams.console.finding import Finding
from streams.durations import since_ms
from streams.severity import SEVERITIES

LONGEST = 320
"""Characters of an address; no filter is longer."""
PAGE, LONGEST_PAGE = 100, 500


class BadQueryError(Exception):
    """What is wrong with the query, in one sentence."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which findings are wanted; what is empty asks for nothing.

    `severity` is the least one; `domain` is part of the mistaken or of the intended domain, `sender` part of the
    sender, both in lower case; `since_ms` is the least time of the last mail, in integer ms since the epoch.
    """

    severity: int = 0
    rule: str = ""
    domain: str = ""
    sender: str = ""
    slip: str = ""
    since_ms: int = 0

    def takes(self, finding: Finding) -> bool:
        """Whether the finding is wanted."""
        return bool(self.choose([finding]))

    def choose(self, findings: list[Finding]) -> list[Finding]:
        """Those that are wanted, in the same order. One pass a condition: a hundred thousand take milliseconds each."""
        if least := self.severity:
            findings = [each for each in findings if each.severity >= least]
        if since_ms := self.since_ms:
            findings = [each for each in findings if each.last_seen_ms >= since_ms]
        if rule := self.rule:
            findings = [each for each in findings if each.rule == rule]
        if slip := self.slip:
            findings = [each for each in findings if each.slip == slip]
        if domain := self.domain:
            findings = [each for each in findings if domain in each.domain or domain in each.intended]
        if sender := self.sender:
            findings = [each for each in findings if each.sender is not None and sender in each.sender]
        return findings


def read_filter(query: Mapping[str, str], now_ms: int) -> Filter:
    """The filter that a query string asks for. Raises BadQueryError."""
    texts = {name: _text(query, name) for name in ("severity", "rule", "domain", "sender", "slip", "since")}
    if texts["severity"] and texts["severity"] not in SEVERITIES:
        raise BadQueryError(f"severity must be one of {', '.join(SEVERITIES)}.")
    return Filter(
        severity=int(SEVERITIES[texts["severity"]]) if texts["severity"] else 0,
        rule=texts["rule"],
        domain=texts["domain"].lower(),
        sender=texts["sender"].lower(),
        slip=texts["slip"],
        since_ms=_since(texts["since"], now_ms) if texts["since"] else 0,
    )


def read_limit(query: Mapping[str, str]) -> int:
    """How many findings a page has. Raises BadQueryError."""
    text = query.get("limit", str(PAGE))
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= LONGEST_PAGE:
        raise BadQueryError(f"limit must be a number from 1 to {LONGEST_PAGE}.")
    return int(text)


def read_place(query: Mapping[str, str]) -> tuple[int, str] | None:
    """After which finding a page goes on. Raises BadQueryError."""
    text = query.get("after", "")
    if not text:
        return None
    if not (place := re.fullmatch(r"(-?[0-9]{1,16})\.([A-Za-z0-9-]{1,64})", text)):
        raise BadQueryError("after must be the `next` of the page before.")
    return int(place[1]), place[2]


def place_of(finding: Finding) -> str:
    """What `read_place` reads."""
    return f"{finding.last_seen_ms}.{finding.uid}"


def _text(query: Mapping[str, str], name: str) -> str:
    text = query.get(name, "").strip()
    if len(text) > LONGEST:
        raise BadQueryError(f"{name} must have at most {LONGEST} characters.")
    return text


def _since(text: str, now_ms: int) -> int:
    try:
        return since_ms(text, now_ms)
    except (ValueError, OverflowError):
        raise BadQueryError(
            "since must be a span such as 30m, 24h or 7d, or a time with its offset from UTC."
        ) from None
