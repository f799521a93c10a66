"""Up to which offset of mail.events hits have been counted, so that those of dropped windows are known when read again.

Hits of one partition of mail.events come in the order of their offsets, the first time. So a hit whose offset is not
above that of a hit counted before, by the same rule and of the same mistaken domain, was counted before. The domain is
part of it since a changed watchlist finds other domains in the same mail, which are news.
"""

from collections.abc import Iterator

MAX_ENTRIES = 20_000
"""Of one partition of a hit topic; beyond them those that changed least recently are forgotten."""
PARTITION_BYTES = 4


def source_key(rule: bytes, domain: bytes, partition: int) -> bytes:
    """The key of an entry: the digests of a rule and of a mistaken domain, and a partition of mail.events."""
    return rule + domain + partition.to_bytes(PARTITION_BYTES, "big")


class SourceOffsets:
    """The highest offset counted, by rule, mistaken domain and partition of mail.events (`source_key`)."""

    def __init__(self, max_entries: int = MAX_ENTRIES) -> None:
        self._max_entries = max_entries
        self._offsets: dict[bytes, int] = {}
        """Least recently changed first."""
        self._changed: dict[bytes, None] = {}

    def __len__(self) -> int:
        return len(self._offsets)

    def has(self, key: bytes, offset: int) -> bool:
        """Whether a hit at this offset was counted before."""
        return offset <= self._offsets.get(key, -1)

    def set(self, key: bytes, offset: int) -> None:
        """Set the offset up to which hits have been counted."""
        self._offsets.pop(key, None)
        self._offsets[key] = offset
        self._changed[key] = None
        if len(self._offsets) > self._max_entries:
            oldest = next(iter(self._offsets))
            del self._offsets[oldest]
            self._changed[oldest] = None

    def restore(self, key: bytes, offset: int | None) -> None:
        """Set an offset as it was stored; None where it was deleted."""
        self._offsets.pop(key, None)
        if offset is not None:
            self._offsets[key] = offset

    def forget(self) -> None:
        """Forget all offsets."""
        self._changed.update(dict.fromkeys(self._offsets))
        self._offsets.clear()

    def take_changes(self) -> Iterator[tuple[bytes, int | None]]:
        """What has changed since the last call, to be stored; None is to be deleted."""
        changed, self._changed = self._changed, {}
        return ((key, self._offsets.get(key)) for key in changed)
