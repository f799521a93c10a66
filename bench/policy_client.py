"""Asks a policy server as many smtpd processes of Postfix would, and prints what it measured as one JSON object.

    python -m bench.policy_client PORT --connections 50 --seconds 5 [--rate 1000]

Without a rate each connection asks as soon as it has its answer. With one, questions are due at fixed times, and the
time of an answer counts from when its question was due, so that a server that stops for a while is not asked less.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
from collections import deque
from collections.abc import Sequence
from time import perf_counter

import orjson

from bench.stream import MISTAKES, RIGHT

PERIOD_S = 0.001
SENDERS, PARTNERS = 20_000, 5_000


def questions(count: int, slips: float) -> list[bytes]:
    """Questions at RCPT by people who are logged in; a share of the recipients is at mistyped domains."""
    rng, mistakes = random.Random(11), list(MISTAKES)
    partners = [f"partner{number}.example.com" for number in range(PARTNERS)] + RIGHT * 40
    return [
        question(rng, f"u{number}@{rng.choice(mistakes if rng.random() < slips else partners)}")
        for number in range(count)
    ]


def question(rng: random.Random, recipient: str) -> bytes:
    """One question, with the attributes that Postfix 3.7 sends."""
    login = f"user{rng.randrange(SENDERS)}"
    given = {
        "request": "smtpd_access_policy",
        "protocol_state": "RCPT",
        "protocol_name": "ESMTP",
        "client_address": "192.0.2.17",
        "client_name": "client17.mod.gov.uk",
        "client_port": "50124",
        "reverse_client_name": "client17.mod.gov.uk",
        "server_address": "192.0.2.1",
        "server_port": "587",
        "helo_name": "client17.mod.gov.uk",
        "sender": f"{login}@mod.gov.uk",
        "recipient": recipient,
        "recipient_count": "0",
        "queue_id": "",
        "instance": f"{rng.getrandbits(40):x}.{rng.getrandbits(32):x}.{rng.getrandbits(16):x}.0",
        "size": "20481",
        "etrn_domain": "",
        "stress": "",
        "sasl_method": "plain",
        "sasl_username": login,
        "sasl_sender": "",
        "ccert_subject": "",
        "ccert_issuer": "",
        "ccert_fingerprint": "",
        "ccert_pubkey_fingerprint": "",
        "encryption_protocol": "TLSv1.3",
        "encryption_cipher": "TLS_AES_256_GCM_SHA384",
        "encryption_keysize": "256",
        "policy_context": "",
    }
    return "".join(f"{name}={value}\n" for name, value in given.items()).encode() + b"\n"


class Client(asyncio.Protocol):
    """One connection, which asks one question at a time."""

    def __init__(self, load: Load) -> None:
        self._load, self._received, self._due = load, b"", 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]  # it is a stream's
        self._load.free(self)

    def ask(self, text: bytes, due: float) -> None:
        self._due = due
        self._transport.write(text)

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._received.endswith(b"\n\n"):
            answer, self._received = self._received, b""
            self._load.answered(answer, perf_counter() - self._due)
            self._load.free(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._load.lost += 1


class Load:
    """The questions that are due, the connections that are free, and the answers so far."""

    def __init__(self, texts: Sequence[bytes], rate: float) -> None:
        self._texts, self._rate, self._next = texts, rate, 0
        self._idle: deque[Client] = deque()
        self._due: deque[float] = deque()
        self.seconds: list[float] = []
        self.passed = self.refused = self.lost = 0
        self.running = False

    def free(self, client: Client) -> None:
        """A connection has no question."""
        if self._rate:
            self._idle.append(client)
            self._ask_due()
        elif self.running:
            client.ask(self._text(), perf_counter())
        else:
            self._idle.append(client)

    def answered(self, answer: bytes, seconds: float) -> None:
        """An answer has come, some seconds after its question was due."""
        if answer.startswith(b"action=DUNNO"):
            self.passed += 1
        else:
            self.refused += 1
        self.seconds.append(seconds)

    async def run(self, seconds: float) -> float:
        """Ask for some seconds; returns how long it took."""
        begin = perf_counter()
        self.running = True
        if self._rate:
            await self._ask_at_rate(begin, seconds)
        else:
            while self._idle:
                self.free(self._idle.popleft())
            await asyncio.sleep(seconds)
        took, self.running = perf_counter() - begin, False
        return took

    async def _ask_at_rate(self, begin: float, seconds: float) -> None:
        count = 0
        while (now := perf_counter() - begin) < seconds:
            while count / self._rate <= now:
                self._due.append(begin + count / self._rate)
                count += 1
            self._ask_due()
            await asyncio.sleep(PERIOD_S)

    def _ask_due(self) -> None:
        while self._due and self._idle:
            self._idle.popleft().ask(self._text(), self._due.popleft())

    def _text(self) -> bytes:
        self._next += 1
        return self._texts[self._next % len(self._texts)]


async def measure(port: int, connections: int, seconds: float, rate: float, slips: float) -> dict[str, float]:
    """Connect, ask, and return the figures: answers per second, and the seconds of an answer."""
    load, loop = Load(questions(20_000, slips), rate), asyncio.get_running_loop()
    for _ in range(connections):
        await loop.create_connection(lambda: Client(load), "127.0.0.1", port)
    took = await load.run(seconds)
    cuts = statistics.quantiles(load.seconds, n=1_000)
    return {
        "answers_per_second": len(load.seconds) / took,
        "median_ms": cuts[499] * 1000,
        "p99_ms": cuts[989] * 1000,
        "most_ms": max(load.seconds) * 1000,
        "passed": load.passed,
        "refused": load.refused,
        "lost": load.lost,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rate", type=float, default=0, help="questions per second; default: as fast as answers come")
    parser.add_argument("--slips", type=float, default=0.01, help="share of recipients at mistyped domains")
    given = parser.parse_args()
    found = asyncio.run(measure(given.port, given.connections, given.seconds, given.rate, given.slips))
    print(orjson.dumps(found).decode())


if __name__ == "__main__":
    main()
