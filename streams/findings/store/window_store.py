"""The windows of one partition: packed, except for those that the worker used most recently."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping

from streams.findings.rules import Rule
from streams.findings.store.digests import RULE_BYTES
from streams.findings.store.interned import InternedDomains
from streams.findings.store.tally import RECORD_BYTES
from streams.findings.store.unpacked_budget import UnpackedBudget
from streams.findings.store.window_state import (
    Header,
    WindowState,
    header_of,
    is_late,
    neighbour,
    pack_window,
    packed_hits,
    release,
    unpack_window,
)


class WindowStore:
    """Windows by key. `get` returns a window that may be changed in place until `trim` is called.

    `rules` are the rules by digest, with which window keys begin; `pool` has the domains of the packed windows.
    `unpacked_hits` is the number of hits in the unpacked ones.
    """

    def __init__(self, rules: Mapping[bytes, Rule], budget: UnpackedBudget | None = None) -> None:
        """No windows; `budget` is what the partitions of a worker share, None for one of its own."""
        self._rules, self._budget = rules, budget or UnpackedBudget()
        self._windows: dict[bytes, bytes | WindowState] = {}
        self._unpacked: OrderedDict[bytes, int] = OrderedDict()
        """The number of the last use of each unpacked window, the least recently used first."""
        self.unpacked_hits = 0
        self.hit_count = 0
        """Of all windows."""
        self.pool = InternedDomains()

    def __len__(self) -> int:
        return len(self._windows)

    def __contains__(self, key: bytes) -> bool:
        return key in self._windows

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._windows)

    def add(self, window: WindowState) -> None:
        """Add a new window."""
        self._windows[window.key] = window
        self.hit_count += len(window.tally)
        self._note_unpacked(window)

    def add_packed(self, key: bytes, header: bytes, log: bytes | bytearray) -> None:
        """Add a restored window in its packed form; `header` is encoded."""
        self._windows[key] = pack_window(header, log)
        self.hit_count += len(log) // RECORD_BYTES

    def get(self, key: bytes) -> WindowState | None:
        """The window, unpacked and marked as the most recently used; None if there is none."""
        window = self._windows.get(key)
        if window is None:
            return None
        if isinstance(window, bytes):
            window = self._windows[key] = unpack_window(key, self._rules[key[:RULE_BYTES]], window, self.pool)
            self._note_unpacked(window)
        else:
            self._unpacked[key] = self._budget.use()
            self._unpacked.move_to_end(key)
        return window

    def _note_unpacked(self, window: WindowState) -> None:
        self._budget.join(self)
        self._unpacked[window.key] = self._budget.use()
        self.unpacked_hits += len(window.tally)

    def grew(self, hits: int) -> None:
        """Report how many hits an unpacked window gained (lost, if negative).

        The caller must report each change; then `trim` knows the total without a scan of all windows.
        """
        self.unpacked_hits += hits
        self.hit_count += hits

    def peek(self, key: bytes) -> WindowState | Header:
        """A window, or its header if it is packed, without unpacking it."""
        window = self._windows[key]
        return header_of(window) if isinstance(window, bytes) else window

    def pop(self, key: bytes) -> tuple[WindowState | Header, list[bytes]]:
        """Remove a window; returns it, or its header if it was packed, and the digests of its hits."""
        window = self._windows.pop(key)
        self._unpacked.pop(key, None)
        if not isinstance(window, bytes):
            self.unpacked_hits -= len(window.tally)
            self.hit_count -= len(window.tally)
            return window, list(window.tally.hits())
        header, hits = header_of(window), packed_hits(window)
        self.hit_count -= len(hits)
        release(header, self.pool)
        return header, hits

    def next_key(self, key: bytes) -> bytes | None:
        """The key of the next window of the same rule and key, whose peak depends on this one; None if there is none,
        and for a late window."""
        next_key = neighbour(key, self._rules[key[:RULE_BYTES]].window_ms)
        return next_key if not is_late(key) and next_key in self._windows else None

    def domains(self, key: bytes) -> set[str]:
        """The mistaken domains that a window names."""
        window = self.peek(key)
        if isinstance(window, WindowState):
            return {domain.domain for domain in window.names.domains.values()}
        return {self.pool[number].domain for number in window.domains.values()}

    def all_domains(self) -> set[str]:
        """The mistaken domains that any window names."""
        return {domain.domain for domain in self.pool}.union(*map(self.domains, self._unpacked))

    def trim(self) -> None:
        """Pack the least recently used windows of the worker. Windows that any partition returned by `get` are stale
        then."""
        self._budget.trim()

    @property
    def unpacked_count(self) -> int:
        """The number of unpacked windows."""
        return len(self._unpacked)

    @property
    def oldest_use(self) -> int:
        """The number of the last use of the least recently used window; there must be an unpacked one."""
        return next(iter(self._unpacked.values()))

    def pack_oldest(self) -> int:
        """Pack the least recently used window; there must be an unpacked one. Returns the number of its hits."""
        key, _ = self._unpacked.popitem(last=False)
        window = self._unpacked_window(key)
        self._windows[key] = window.pack(self.pool)
        hits = len(window.tally)
        self.unpacked_hits -= hits
        return hits

    def _unpacked_window(self, key: bytes) -> WindowState:
        window = self._windows[key]
        if isinstance(window, bytes):
            raise TypeError("a window listed as unpacked is packed")
        return window
