"""A gate that knows two domains, for tests of what stands in front of the real one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import uvloop

from streams.domains.verdict import Verdict
from streams.gate.listeners.listening import listening
from streams.gate.question import GATE_PROTOCOLS, Answer, Deliver, GateProtocol, Question
from streams.gate.settings import GateSettings
from streams.metrics import GateMetrics, Metrics

INTENDED = {"army.ml": "army.mil", "navy.ml": "navy.mil"}


class TinyGate:
    """Refuses each recipient at a domain of INTENDED, and keeps what it was asked. It answers when `is_open` is set."""

    def __init__(self) -> None:
        self.asked: list[Question] = []
        self.passed: list[GateProtocol] = []
        """The protocol of each recipient that passes unjudged."""
        self.delivered: list[bool] = []
        self.was_asked, self.is_open = asyncio.Event(), asyncio.Event()
        self.is_open.set()

    async def ask(self, question: Question, deliver: Deliver) -> None:
        self.asked.append(question)
        self.was_asked.set()
        await self.is_open.wait()
        self.delivered.append(deliver([self._answer(recipient) for recipient in question.recipients]))

    def let_pass(self, protocol: GateProtocol, recipients: int) -> None:
        self.passed += [protocol] * recipients

    def _answer(self, recipient: str) -> Answer:
        domain = recipient.rpartition("@")[2]
        if domain not in INTENDED:
            return Answer(recipient, "pass", "no-slip")
        text = f"[straymail] {domain} is probably a mistake for {INTENDED[domain]}, 100% sure."
        verdict = Verdict(domain, 0.99, True, True, INTENDED[domain], "suffix-omission", "an i is missing")
        return Answer(recipient, "refuse", "asked", text, verdict)


def gate_metrics() -> GateMetrics:
    return GateMetrics(Metrics("test"), protocols=GATE_PROTOCOLS, decisions=(), faults=())


def bad_requests(metrics: GateMetrics, protocol: str) -> float:
    return float(metrics.bad_requests.labels(protocol)._value.get())


def open_connections(metrics: GateMetrics, protocol: str) -> float:
    """What the gauge exports, which is counted when it is read."""
    samples = [sample for metric in metrics.connections.collect() for sample in metric.samples]
    return next(sample.value for sample in samples if sample.labels["protocol"] == protocol)


class Served:
    """A tiny gate, its metrics, and the folder of its sockets."""

    def __init__(self, folder: Path) -> None:
        self.gate, self.metrics, self.folder = TinyGate(), gate_metrics(), folder
        self.listeners = AsyncExitStack()
        self.token: str | None = None

    @asynccontextmanager
    async def connected(self, protocol: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.open_unix_connection(self.folder / protocol)
        try:
            yield reader, writer
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


async def all_of(reader: asyncio.StreamReader) -> bytes:
    """All that the gate sends until it closes the connection, or cuts it off."""
    answer = b""
    with suppress(ConnectionError):
        while part := await reader.read(65_536):
            answer += part
    return answer


def serve(folder: Path, test: Callable[[Served], Awaitable[None]], **own: Any) -> None:
    """Run the test while the tiny gate listens on a Unix socket for each protocol, named by it."""

    wrong: list[dict[str, Any]] = []

    async def run() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: wrong.append(context))
        served = Served(folder)
        sockets = {protocol: f"unix:{folder / protocol}" for protocol in GATE_PROTOCOLS}
        settings = GateSettings.model_validate(sockets | own)
        async with served.listeners, asyncio.timeout(30):
            served.token = settings.http_token()
            await served.listeners.enter_async_context(
                listening(served.gate, settings, served.metrics, lambda: served.token)
            )
            await test(served)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as the gate's process does
        runner.run(run())
    assert wrong == []
