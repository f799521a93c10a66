"""A policy server that passes everything, unread: what asyncio alone costs.

python -m bench.peers.dunno PORT
"""

from __future__ import annotations

import asyncio
import gc
import sys


class Dunno(asyncio.Protocol):
    """Answers each request of a connection with DUNNO."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]  # it is a stream's
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\n\n")) >= 0:
            self._received = self._received[end + 2 :]
            self._transport.write(b"action=DUNNO\n\n")


async def serve(port: int) -> None:
    """Serve until the process is ended."""
    server = await asyncio.get_running_loop().create_server(Dunno, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    gc.freeze()
    asyncio.run(serve(int(sys.argv[1])))
