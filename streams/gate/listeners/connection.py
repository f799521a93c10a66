"""One connection of a mail system, whatever its protocol: requests in order, bounds on its time and its memory."""

from __future__ import annotations

import asyncio
import socket
from abc import ABC, abstractmethod
from collections.abc import Coroutine
from typing import cast

from streams.gate.listeners.open_connections import OpenConnections
from streams.gate.question import Gatekeeper

REQUEST_SECONDS = 10.0
"""From a connection to its first complete request, and from the first byte of a further one to its last."""
STALLED_SECONDS = 30.0
"""How long a client may leave answers unread that don't fit into the buffers of its connection."""
MOST_WAITING = 16 * 1024
"""Bytes of a request, or of further requests while one is answered. No mail system sends its next before an answer."""


class MailSystemConnection(asyncio.Protocol, ABC):
    """A connection that answers one request after the other, and closes itself where its client is slow or sends too
    much. One that has sent a whole request is not closed for others, up to half of all."""

    __slots__ = (
        "_is_ended",
        "_is_kept",
        "_is_stalled",
        "_task",
        "_timer",
        "_transport",
        "gate",
        "received",
        "together",
    )

    def __init__(self, gate: Gatekeeper, together: OpenConnections) -> None:
        self.gate, self.together = gate, together
        self.received = bytearray()
        self._is_ended = self._is_kept = self._is_stalled = False
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None

    @abstractmethod
    def take_request(self) -> bool:
        """Take one request from the front of `received` and answer it, or see to its answer by `answer_later`; False
        where none is complete."""

    def is_amid_request(self) -> bool:
        """Whether the client has sent part of a request."""
        return bool(self.received)

    def connection_made(self, given: asyncio.BaseTransport) -> None:
        self._transport = transport = cast(asyncio.Transport, given)  # uvloop's isn't one by its class
        peer = (transport.get_extra_info("peername") or ("",))[0]
        if not self.together.add(self, peer):
            transport.abort()
            return
        _keep_alive(transport)
        self._limit(REQUEST_SECONDS)

    def connection_lost(self, exc: BaseException | None) -> None:
        self.together.remove(self)
        self._unlimit()
        self._transport = None

    def data_received(self, data: bytes) -> None:
        self.received += data
        self._proceed()

    def eof_received(self) -> bool:
        """The client sends nothing more, as Exim does after its question: close when everything is answered."""
        self._is_ended = True
        return self._task is not None or self._is_stalled

    def pause_writing(self) -> None:
        self._is_stalled = True
        self._unlimit()
        self._limit(STALLED_SECONDS)

    def resume_writing(self) -> None:
        self._is_stalled = False
        self._unlimit()
        self._proceed()

    def answer_later(self, answering: Coroutine[None, None, None]) -> None:
        """Answer a request that isn't answered at once; the next one waits for it."""
        self._task = asyncio.get_running_loop().create_task(self._answer(answering))

    def write(self, data: bytes) -> bool:
        """Send to the client; False where it is no longer there."""
        if self._transport is None or self._transport.is_closing():
            return False
        self._transport.write(data)
        return True

    def close(self) -> None:
        """Close the connection when all that was written is sent."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def stop(self) -> None:
        self._is_ended = True
        if self._task is None:
            self.close()

    async def _answer(self, answering: Coroutine[None, None, None]) -> None:
        try:
            await answering
        finally:
            self._task = None
        self._proceed()

    def _proceed(self) -> None:
        """Take the requests that are complete, up to one that isn't answered at once."""
        took = False
        while self.received and self._task is None and not self._is_stalled and self._transport is not None:
            if not self.take_request():
                break
            took = True
        if took and not self._is_kept:
            self._is_kept = True
            self.together.keep(self)
        if len(self.received) > MOST_WAITING:
            self._refuse_more()
        elif not self._is_stalled:
            self._watch_time(took)

    def _watch_time(self, took: bool) -> None:
        if took or self._task is not None:
            self._unlimit()
        if self._task is not None:
            return
        if self._is_ended:
            self.close()
        elif self.is_amid_request():
            self._limit(REQUEST_SECONDS)

    def _refuse_more(self) -> None:
        self.together.on_bad_request()
        self.abort()

    def _limit(self, seconds: float) -> None:
        """Close the connection after so many seconds, unless a limit is running already."""
        if self._timer is None and self._transport is not None:
            self._timer = asyncio.get_running_loop().call_later(seconds, self._refuse_more)

    def _unlimit(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _keep_alive(transport: asyncio.Transport) -> None:
    """Let the kernel notice a client whose machine is gone; one that only waits may wait."""
    opened = transport.get_extra_info("socket")
    if opened is not None and opened.family != socket.AF_UNIX:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
