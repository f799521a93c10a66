"""The base class of all sources: records of a mail log in, mail events out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from functools import cached_property
from typing import ClassVar, Literal

from streams.events.mail import MailEvent
from streams.networks import LOOPBACK, Network
from streams.sources.own_clients import OwnClients
from streams.sources.own_relays import OwnRelays
from streams.sources.record import RECORD_BYTES

Framing = Literal["lines", "rows", "mbox", "message"]
"""How a file is cut into records: lines, rows (of CSV, or objects of JSON), the headers of each message of an mbox, or
the headers of a file that is one message."""


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """Options of a source. `zone` applies to times without an offset. `year` is that of the first line where a log has
    no years; None derives it from the file's modification time. `name` is the events' `source`. `own_networks` are
    those of the organisation's own mail clients and servers, `own_relays` those of servers that only pass a mail on."""

    zone: tzinfo = UTC
    year: int | None = None
    name: str | None = None
    own_networks: tuple[Network, ...] = LOOPBACK
    own_relays: tuple[Network, ...] = ()


@dataclass
class Source:
    """Reads one kind of mail log. The records of all files of a run pass through one source, in order.

    It has no I/O and no clock. `skipped` counts records that are not about a mail sent, by a description of them.
    """

    kind: ClassVar[str]
    framing: ClassVar[Framing] = "lines"
    is_dated: ClassVar[bool] = False
    """Whether `time_ms` is implemented, so that rotated files can be put in order."""
    record_bytes: ClassVar[int] = RECORD_BYTES
    """The most bytes of a record: a longer one is reported and skipped, before it costs time."""

    options: SourceOptions = field(default_factory=SourceOptions)
    skipped: Counter[str] = field(default_factory=Counter)

    @property
    def name(self) -> str:
        """The `source` of the events."""
        return self.options.name or self.kind

    @cached_property
    def own_clients(self) -> OwnClients:
        """Tells the organisation's clients from strangers."""
        return OwnClients(self.options.own_networks)

    @cached_property
    def own_relays(self) -> OwnRelays:
        """Tells servers that only pass a mail on."""
        return OwnRelays(self.options.own_relays)

    def begin_file(self, modified_ms: int) -> None:
        """Called before the records of a file, with its modification time in ms since the epoch."""

    def time_ms(self, record: bytes) -> int | None:
        """The time at the start of a record, in ms since the epoch; None where it has none."""
        raise NotImplementedError(f"records of {self.kind} do not begin with a time")

    def read(self, record: bytes) -> Iterable[MailEvent]:
        """The events that this record completes. Whatever the bytes, it raises nothing but UnreadableRecord."""
        raise NotImplementedError

    def settle(self, idle_ms: int) -> Iterable[MailEvent]:
        """The events of mails that have had no line for a while; the log itself has had none for `idle_ms`."""
        return ()

    def finish(self) -> Iterable[MailEvent]:
        """The events of all mails that are still open at the end of the last file."""
        return ()

    def state(self) -> bytes | None:
        """The source's state, such as its open mails, for `resume`; None where it keeps none."""
        return None

    def resume(self, state: bytes) -> None:
        """Continue from the `state` of a source of this kind. Raises ValueError where it can't be read."""
        raise ValueError(f"{self.kind} keeps no state")
