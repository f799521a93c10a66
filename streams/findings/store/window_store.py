"""The slots of one partition: packed, but for those that were used last."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping

from streams.findings.rules import Rule
from streams.findings.store.digests import RULE_BYTES
from streams.findings.store.interned import InternedDomains
from streams.findings.store.window_state import (
    Header,
    WindowState,
    header_of,
    pack_slot,
    packed_hits,
    release,
    unpack_slot,
)

MOST_IN_USE = 1_000
MOST_HITS_IN_USE = 200_000


class WindowStore:
    """WindowStore by key. `get` gives a slot that may be changed in place until `trim` is called.

    `rules` are the rules by their digests, with which keys begin; `pool` holds the names of the packed slots.
    """

    def __init__(self, rules: Mapping[bytes, Rule]) -> None:
        self._rules = rules
        self._slots: dict[bytes, bytes | WindowState] = {}
        self._in_use: OrderedDict[bytes, None] = OrderedDict()
        self._hits_in_use = 0
        self.pool = InternedDomains()

    def __len__(self) -> int:
        return len(self._slots)

    def __contains__(self, key: bytes) -> bool:
        return key in self._slots

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._slots)

    def add(self, slot: WindowState) -> None:
        """Take a new slot in."""
        self._slots[slot.key] = slot
        self._use(slot)

    def add_packed(self, key: bytes, header: Header, log: bytes | bytearray) -> None:
        """Take a loaded slot in without unpacking it."""
        self._slots[key] = pack_slot(header, log)

    def get(self, key: bytes) -> WindowState | None:
        """The slot, unpacked and in use from now on."""
        slot = self._slots.get(key)
        if slot is None:
            return None
        if isinstance(slot, bytes):
            slot = self._slots[key] = unpack_slot(key, self._rules[key[:RULE_BYTES]], slot, self.pool)
            self._use(slot)
        else:
            self._in_use.move_to_end(key)
        return slot

    def _use(self, slot: WindowState) -> None:
        self._in_use[slot.key] = None
        self._hits_in_use += len(slot.tally)

    def grew(self, hits: int) -> None:
        """So many hits more (or fewer, below zero) are in a slot that is in use; owed for each change, so that `trim`
        needn't look at all slots."""
        self._hits_in_use += hits

    def peek(self, key: bytes) -> WindowState | Header:
        """What can be known of a slot without putting it into use."""
        slot = self._slots[key]
        return header_of(slot) if isinstance(slot, bytes) else slot

    def pop(self, key: bytes) -> tuple[WindowState | Header, list[bytes]]:
        """Take a slot out; with the digests of its hits."""
        slot = self._slots.pop(key)
        self._in_use.pop(key, None)
        if not isinstance(slot, bytes):
            self._hits_in_use -= len(slot.tally)
            return slot, list(slot.tally.hits())
        header = header_of(slot)
        release(header, self.pool)
        return header, packed_hits(slot)

    def domains(self, key: bytes) -> set[str]:
        """The mistaken domains that a slot names."""
        slot = self.peek(key)
        if isinstance(slot, WindowState):
            return {said.domain for said in slot.names.domains.values()}
        return {self.pool[number].domain for number in slot.domains.values()}

    def all_domains(self) -> set[str]:
        """The mistaken domains that any slot names."""
        return {said.domain for said in self.pool}.union(*map(self.domains, self._in_use))

    def trim(self) -> None:
        """Pack what was used longest ago, until little is in use. Those got before are stale then."""
        while len(self._in_use) > MOST_IN_USE or self._hits_in_use > MOST_HITS_IN_USE:
            key, _ = self._in_use.popitem(last=False)
            slot = self._unpacked(key)
            self._hits_in_use -= len(slot.tally)
            self._slots[key] = slot.pack(self.pool)

    def _unpacked(self, key: bytes) -> WindowState:
        slot = self._slots[key]
        if isinstance(slot, bytes):
            raise TypeError("a slot in use is not packed")
        return slot
