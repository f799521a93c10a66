"""Garbage in each protocol: it is passed or cut off, refuses nothing, and the next client is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.gate.listeners import connection
from streams.gate.listeners.milter_packets import packet
from tests.gate.listeners.milter_client import OFFER, OLD_OFFER, REFUSE, connect, mail, texts
from tests.gate.listeners.test_policy import PASSES, REFUSES, request
from tests.gate.listeners.tiny_gate import Served, serve

pytestmark = pytest.mark.fuzz

RIGHT = "ops@army.mil"
BATCHES, PARTS = 60, 12
"""Runs of hypothesis for each protocol, and connections in each."""

policy_bytes = st.one_of(
    st.binary(max_size=400),
    st.sampled_from([b"\n", b"\n\n", b"=", b"=\n\n", b"\0", b"\r\n\r\n", b"x" * 17_000, b"recipient=a@b\n\n"]),
    st.sampled_from([request(RIGHT), request("", sender="\n"), request(RIGHT, protocol_state="DATA")]),
    st.builds(lambda cut: request(RIGHT)[:cut], st.integers(0, 300)),
)
milter_bytes = st.one_of(
    st.binary(max_size=200),
    st.builds(packet, st.sampled_from([bytes([each]) for each in range(256)]), st.binary(max_size=100)),
    st.builds(packet, st.sampled_from([b"O", b"C", b"M", b"R", b"L", b"D"]), st.sampled_from([b"", b"\0", b"\0" * 9])),
    st.sampled_from([packet(b"O", OFFER), packet(b"O", OLD_OFFER), connect(), mail(RIGHT), mail(RIGHT)[:-5]]),
    st.sampled_from([packet(each) for each in (b"N", b"E", b"A", b"K", b"Q")]),
    st.sampled_from(
        [packet(b"B", b"x" * 20_000), texts("M"), texts("M", ""), texts("R", "<>"), b"\0\0\0\0", b"\xff" * 9]
    ),
)


def policy_refuses(answer: bytes) -> bool:
    return answer.replace(PASSES, b"") != b""


def milter_refuses(answer: bytes) -> bool:
    """Whether the gate has sent anything but negotiations, `continue` and `accept`."""
    return not set(_commands(answer)) <= {b"O", b"c", b"a"}


def _commands(answer: bytes) -> Iterator[bytes]:
    while answer:
        end = 4 + int.from_bytes(answer[:4])
        assert 5 <= end <= len(answer), "half a packet"
        yield answer[4:5]
        answer = answer[end:]


async def answer_to(served: Served, protocol: str, sent: list[bytes]) -> bytes:
    """All that the gate answers to a client that sends these bytes, and then nothing more."""
    answer = b""
    async with served.connected(protocol) as (reader, writer):
        with suppress(ConnectionError, RuntimeError):  # uvloop's error where the connection is closed already
            for part in sent:
                writer.write(part)
                await asyncio.sleep(0)
            writer.write_eof()
            while part := await reader.read(65_536):
                answer += part
    return answer


async def is_answered(served: Served, protocol: str) -> bool:
    sound = {"policy": [request()], "milter": [packet(b"O", OFFER), connect(), mail("ops@army.ml")]}
    return (await answer_to(served, protocol, sound[protocol])).endswith(REFUSES if protocol == "policy" else REFUSE)


@pytest.mark.parametrize(
    ("protocol", "parts", "refuses"),
    [("policy", policy_bytes, policy_refuses), ("milter", milter_bytes, milter_refuses)],
    ids=["policy", "milter"],
)
def test_garbage_refuses_nothing(
    protocol: str,
    parts: st.SearchStrategy[bytes],
    refuses: Callable[[bytes], bool],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "REQUEST_SECONDS", 0.5)

    @settings(max_examples=BATCHES)
    @given(st.lists(st.lists(parts, max_size=9), min_size=1, max_size=PARTS))
    def run(clients: list[list[bytes]]) -> None:
        async def test(served: Served) -> None:
            answers = await asyncio.gather(*(answer_to(served, protocol, sent) for sent in clients))
            assert [answer for answer in answers if refuses(answer)] == []
            assert await is_answered(served, protocol)

        with TemporaryDirectory() as folder:
            serve(Path(folder), test)

    run()
