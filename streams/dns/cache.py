"""A bounded cache whose entries expire."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

Value = TypeVar("Value")


class ExpiringCache(Generic[Value]):
    """Values by name, each until its time; the oldest goes where there are too many. Times are seconds of one clock."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._entries: OrderedDict[str, tuple[float, Value]] = OrderedDict()

    def get(self, name: str, now_s: float) -> tuple[Value] | None:
        """The value of a name in a tuple of one; None where there is none, or its time is over."""
        entry = self._entries.get(name)
        if entry is None:
            return None
        if entry[0] <= now_s:
            del self._entries[name]
            return None
        return (entry[1],)

    def put(self, name: str, value: Value, until_s: float) -> None:
        """Keep the value of a name until then."""
        self._entries.pop(name, None)
        self._entries[name] = until_s, value
        if len(self._entries) > self._size:
            self._entries.popitem(last=False)

    def __len__(self) -> int:
        return len(self._entries)
