"""Where decisions are stored, whatever stores them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from streams.errors import StraymailError
from streams.events.mail import MailEvent
from streams.gate.confirmations import Confirmations, StoredRecord


class NotStoredError(StraymailError):
    """Records were not stored; the message says why."""


class DecisionStore(Protocol):
    """Stores decisions durably, and has all of them in memory, those of other gates too."""

    confirmations: Confirmations

    @property
    def problem(self) -> str | None:
        """Why nothing can be stored, or it isn't known yet what is stored, for people; None where all is well."""

    async def put(self, records: Sequence[StoredRecord]) -> None:
        """Store records: when this returns they are durable, and in `confirmations`. Raises NotStoredError. Where it is
        cancelled, they may be stored later, and are not in `confirmations` until then."""

    def put_later(self, records: Sequence[StoredRecord]) -> None:
        """Store records after those before, as far as that is possible, without waiting."""

    def publish(self, event: MailEvent) -> None:
        """Publish a mail event where others can read it; does nothing where there is no such place."""

    async def run(self) -> None:
        """Connect, load what is stored and follow what others store, until cancelled. Logs problems and tries again. At
        its end it stores what isn't stored yet, for at most some seconds."""
