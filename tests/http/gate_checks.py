"""`python -m tests.http.gate_checks PORT`: the HTTP listener of a gate, until its stdin is closed."""

from __future__ import annotations

import asyncio
import sys

import uvloop

from streams.gate.listeners.listening import listening
from streams.gate.settings import GateSettings
from tests.gate.listeners.tiny_gate import TinyGate, gate_metrics


async def serve(port: int) -> None:
    async with listening(TinyGate(), GateSettings(http=f"127.0.0.1:{port}"), gate_metrics(), lambda: None):
        print("listening", flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    port = int(sys.argv.pop())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # the gate's event loop
        runner.run(serve(port))
