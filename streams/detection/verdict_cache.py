"""A bounded cache of verdicts by domain whose usual cost is one look-up in a dict."""

from __future__ import annotations

from streams.domains.verdict import Verdict
from streams.memory.lessons import Near


class NotCached:
    """The result for a domain that isn't in the cache: None is the entry of a domain that can't be a typo."""


class NotADomain:
    """The entry of a text that is no domain name, so that it has no verdict."""


Entry = Verdict | Near | type[NotADomain] | None
"""`Near` for a watched domain, where there is a memory."""


class VerdictCache:
    """Two plain dicts: an entry found in the old one moves to the young one, and a full young one becomes the old one.

    So the entries that were not used lately are dropped first, and a hit in `young` costs no more than a dict's `get`.
    """

    def __init__(self, size: int) -> None:
        self._half = max(1, size // 2)
        self._old: dict[str, Entry] = {}
        self.young: dict[str, Entry] = {}

    def promote(self, domain: str) -> Entry | type[NotCached]:
        """The entry of a domain that isn't in `young`; from now on it is."""
        entry = self._old.get(domain, NotCached)
        if entry is NotCached:
            return NotCached
        self.put(domain, entry)  # type: ignore[arg-type]  # only Entry is left
        return entry

    def put(self, domain: str, entry: Entry) -> None:
        """Store the entry of a domain."""
        if len(self.young) >= self._half:
            self._old, self.young = self.young, {}
        self.young[domain] = entry

    def __len__(self) -> int:
        return len(self.young) + len(self._old)
