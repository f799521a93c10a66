"""What every source is: records of a mail log in, mail events out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import ClassVar, Literal

from streams.events.mail import MailEvent

Framing = Literal["lines", "rows", "mbox", "message"]
"""How a file is cut into records: lines, rows (of CSV, or objects of JSON), the headers of the messages of an mbox, or
those of the one message that the file is."""


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """`zone` is that of times without an offset; `year` that of the first line where a log has none, None to go by
    the file's age; `name` is the events' `source`."""

    zone: tzinfo = UTC
    year: int | None = None
    name: str | None = None


@dataclass
class Source:
    """Reads one kind of mail log. The records of all files of a call come through one source, in order.

    No I/O and no clock. `skipped` counts records that tell nothing of a mail sent, by what they are.
    """

    kind: ClassVar[str]
    framing: ClassVar[Framing] = "lines"
    is_dated: ClassVar[bool] = False
    """Whether `time_ms` tells the time of a record, so that rotated files can be put in order."""

    options: SourceOptions = field(default_factory=SourceOptions)
    skipped: Counter[str] = field(default_factory=Counter)

    @property
    def name(self) -> str:
        """What the events say of where they come from."""
        return self.options.name or self.kind

    def begin_file(self, modified_ms: int) -> None:
        """A new file's records come next; it was last written at that time."""

    def time_ms(self, record: bytes) -> int | None:
        """The time that a record begins with, None where it has none."""
        raise NotImplementedError(f"{self.kind} has no times to go by")

    def read(self, record: bytes) -> Iterable[MailEvent]:
        """The events that are complete with this record. Raises UnreadableRecord, and nothing else, for any bytes."""
        raise NotImplementedError

    def settle(self, idle_ms: int) -> Iterable[MailEvent]:
        """The events of mails that nothing more was said of lately, in a log that was silent for so long."""
        return ()

    def rest(self) -> Iterable[MailEvent]:
        """What is left at the end of the last file."""
        return ()

    def state(self) -> bytes | None:
        """What is known of mails that are not yet done with, for `resume`; None where the source keeps nothing."""
        return None

    def resume(self, state: bytes) -> None:
        """Go on from a `state` of this kind of source. Raises ValueError where it is none."""
        raise ValueError(f"{self.kind} keeps no state")
