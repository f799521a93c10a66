"""Watchlist files: YAML with `watched`, `allowed`, `mistakes`, `groups`, or plain text, one watched domain per line."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from streams.did_you_mean import did_you_mean
from streams.domains.names import canonical, is_plain
from streams.domains.suffixes import suffix_rules
from streams.domains.watchlist.default_groups import DEFAULT_GROUPS
from streams.domains.watchlist.entry_error import EntryError
from streams.domains.watchlist.watchlist import Allowed, Group, Watchlist
from streams.errors import MalformedDomain, WatchlistError
from streams.severity import SEVERITIES, Severity, no_severity

if TYPE_CHECKING:
    from streams.domains.watchlist.yaml_nodes import Field

KEYS = ("watched", "allowed", "mistakes", "groups")
_is_yaml = re.compile(r"\A\s*\{|^- |^[\"']?[A-Za-z_-]+[\"']?\s*:(?:\s|$)", re.MULTILINE).search
"""Whether a text has keys, known or not, or a list of YAML: no domain name has such a line. JSON is YAML too."""


def read_watchlist(path: Path, *, today: date) -> Watchlist:
    """The watchlist in a file, YAML or plain text; allowed entries are in force as of `today`.

    Raises WatchlistError, with the line, for any entry that can't be used: a file is used as a whole or not at all.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise WatchlistError(f"can't be read: {reason}", path=str(path)) from error
    try:
        watchlist = _from_yaml(text, today) if _is_yaml(text) else _from_lines(text)
    except EntryError as error:
        raise WatchlistError(error.reason, path=str(path), line=error.line) from error
    if not watchlist.watched and not watchlist.mistakes:
        raise WatchlistError("no domain is watched: add at least one", path=str(path))
    return watchlist


def _from_lines(text: str) -> Watchlist:
    watched: dict[str, str | None] = {}
    for number, line in enumerate(text.splitlines(), 1):
        name = line.partition("#")[0].strip()
        if name:
            watched[name if is_plain(name) and "." in name else _entry(name, number)] = None
    return Watchlist(watched, {}, {}, {})


def _from_yaml(text: str, today: date) -> Watchlist:
    from streams.domains.watchlist.yaml_nodes import (
        read_fields,  # YAML takes 25 ms to load, and a plain list doesn't need it
    )

    fields = read_fields(text)
    if fields.is_list:
        raise EntryError(fields.line, "a list of what? Write 'watched:' above it")
    root = fields.mapping(KEYS)
    groups = {name: _group(field) for name, field in root["groups"].pairs()} if "groups" in root else {}
    watched = dict(_watched(item, groups) for item in root["watched"].items()) if "watched" in root else {}
    allowed = [_allowed(item) for item in root["allowed"].items()] if "allowed" in root else []
    mistakes = _mistakes(root["mistakes"], watched) if "mistakes" in root else {}
    in_force = {entry.domain: entry for entry in allowed if not entry.expired(today)}
    return Watchlist(watched, in_force, mistakes, groups, tuple(entry for entry in allowed if entry.expired(today)))


def _entry(name: str, line: int) -> str:
    """The canonical form of an entry: a domain, or `*.` and a suffix. Raises EntryError."""
    wild = name.startswith("*.")
    try:
        domain = canonical(name[2:] if wild else name)
    except MalformedDomain as error:
        raise EntryError(line, str(error)) from error
    if not wild and "." not in domain:
        advice = f"; write '*.{domain}' for every name under it" if suffix_rules().exists(domain) else ""
        raise EntryError(line, f"{name!r} has no dot{advice}")
    return f"*.{domain}" if wild else domain


def _watched(field: Field, groups: dict[str, Group]) -> tuple[str, str | None]:
    if field.is_text:
        return _entry(field.text(), field.line), None
    entry = field.mapping(("domain", "group"), needed=("domain",))
    group = entry["group"].text() if "group" in entry else None
    known = {*groups, *DEFAULT_GROUPS}
    if group is not None and group not in known:
        remedy = did_you_mean(group, known) or "add it under 'groups'"
        raise EntryError(entry["group"].line, f"unknown group {group!r}: {remedy}")
    return _entry(entry["domain"].text(), field.line), group


def _allowed(field: Field) -> Allowed:
    if field.is_text:
        return Allowed(_entry(field.text(), field.line))
    entry = field.mapping(("domain", "reason", "owner", "until"), needed=("domain",))
    texts = {key: entry[key].text() for key in ("reason", "owner") if key in entry}
    until = _day(entry["until"]) if "until" in entry else None
    return Allowed(_entry(entry["domain"].text(), field.line), **texts, until=until)


def _day(field: Field) -> date:
    try:
        return date.fromisoformat(field.text())
    except ValueError as error:
        raise EntryError(field.line, f"{field.text()!r} is not a date: write it as 2027-06-30") from error


def _mistakes(field: Field, watched: dict[str, str | None]) -> dict[str, str]:
    mistakes: dict[str, str] = {}
    for key, to in field.keyed():
        domain, intended = _mistake(key, to, watched)
        if mistakes.setdefault(domain, intended) != intended:
            raise EntryError(key.line, f"{domain!r} is listed as a mistake for two domains: choose one")
    return mistakes


def _mistake(key: Field, to: Field, watched: dict[str, str | None]) -> tuple[str, str]:
    domain, intended = (_entry(field.text(), field.line) for field in (key, to))
    if domain.startswith("*.") or intended.startswith("*."):
        raise EntryError(key.line, "a mistake and its intended domain are single domains: '*' can't be used here")
    if domain in watched:
        raise EntryError(key.line, f"{domain!r} is watched, so it can't be a mistake: remove it from one of the two")
    return domain, intended


def _group(field: Field) -> Group:
    entry = field.mapping(("severity", "at_most", "owner", "runbook_url"))
    least, most = (_severity(entry[name]) if name in entry else None for name in ("severity", "at_most"))
    if least is not None and most is not None and most < least:
        raise EntryError(entry["at_most"].line, f"at_most ({most.word}) is below severity ({least.word})")
    texts = {name: entry[name].text() for name in ("owner", "runbook_url") if name in entry}
    return Group(least, texts.get("owner"), texts.get("runbook_url"), most)


def _severity(field: Field) -> Severity:
    found = SEVERITIES.get(field.text())
    if found is None:
        raise EntryError(field.line, no_severity(field.text()))
    return found
