"""Verdicts by domain, bounded, at the price of one look into a dict."""

from __future__ import annotations

from streams.domains.verdict import Verdict


class Unknown:
    """Stands for a domain that isn't in the cache, since None stands for one that is no typo whatever the rest of
    the mail."""


Entry = Verdict | None


class VerdictCache:
    """Two plain dicts: what is found in the old one moves to the young one, and a full young one becomes the old one.

    So what wasn't asked for lately goes first, while a hit in `young` costs a dict's `get` and nothing more.
    """

    def __init__(self, size: int) -> None:
        self._half = max(1, size // 2)
        self._old: dict[str, Entry] = {}
        self.young: dict[str, Entry] = {}

    def recall(self, domain: str) -> Entry | type[Unknown]:
        """What is known of a domain that isn't young."""
        entry = self._old.get(domain, Unknown)
        if entry is Unknown:
            return Unknown
        self.keep(domain, entry)  # type: ignore[arg-type]  # only Entry is left
        return entry

    def keep(self, domain: str, entry: Entry) -> None:
        """Remember what is known of a domain."""
        if len(self.young) >= self._half:
            self._old, self.young = self.young, {}
        self.young[domain] = entry

    def __len__(self) -> int:
        return len(self.young) + len(self._old)
