"""Questions to a real name server, and to servers that answer badly or not at all."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import dns.message
import dns.rrset
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.dns.questions import MOST_RECORDS, Questions, Reply
from streams.events.dns_facts import HOST_LENGTH
from tests.name_server import NameServer


def ask(server: str, name: str, kind: str = "MX", timeout_s: float = 1.0) -> Reply:
    return asyncio.run(Questions([server], timeout_s).ask(name, kind))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "kind", "reply"),
    [
        ("army.ml", "MX", Reply("found", ("mx1.example.ml", "mx2.example.ml"), 300)),
        ("navy.ml", "MX", Reply("found", ("mx.navy.ml",), 7)),
        ("alias.ml", "MX", Reply("found", ("mx1.example.ml", "mx2.example.ml"), 300)),
        ("nullmx.ml", "MX", Reply("found", (".",), 300)),
        ("address.ml", "A", Reply("found", (), 300)),
        ("v6.ml", "AAAA", Reply("found", (), 300)),
        ("address.ml", "MX", Reply("no-data")),
        ("nobody.ml", "MX", Reply("no-name")),
        ("lost.ml", "MX", Reply("no-name")),
        ("loop.ml", "MX", Reply("unknown")),
    ],
)
def test_replies(name_server: NameServer, name: str, kind: str, reply: Reply) -> None:
    assert ask(name_server.address, name, kind) == reply


def test_of_very_many_records_some_are_read(name_server: NameServer) -> None:
    reply = ask(name_server.address, "many.ml")
    assert reply.outcome == "found"
    assert len(reply.hosts) == MOST_RECORDS


@pytest.mark.parametrize("name", ["a" * 64 + ".ml", "..", "a..ml"])
def test_what_is_no_name_in_dns_is_unknown(name: str) -> None:
    assert ask("127.0.0.1:1", name) == Reply("unknown")


@contextmanager
def responder(answer: Callable[[bytes], bytes | None]) -> Iterator[str]:
    """A server on 127.0.0.1 that answers each datagram so, or not at all."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def serve() -> None:
            while (received := server.recvfrom(4096))[0]:  # an empty datagram ends it
                if (reply := answer(received[0])) is not None:
                    server.sendto(reply, received[1])

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"127.0.0.1:{server.getsockname()[1]}"
        finally:
            server.sendto(b"", server.getsockname())
            thread.join()


@pytest.mark.parametrize(
    "answer",
    [
        lambda query: None,
        lambda query: b"garbage",
        lambda query: query[:2] + b"\x81\x80" + query[4:6] + b"\xff\xff" + query[8:],  # claims 65,535 records
        lambda query: query[:2] + b"\x81\x82" + query[4:],  # SERVFAIL
        lambda query: query[:2] + b"\x81\x85" + query[4:],  # REFUSED
        lambda query: query[:2] + b"\x81\x80" + query[4:12] + b"\xc0\x0c" + query[12:],  # a name that points to itself
    ],
    ids=["silence", "garbage", "too-few-records", "servfail", "refused", "loop"],
)
def test_a_server_that_answers_badly(answer: Callable[[bytes], bytes | None]) -> None:
    with responder(answer) as server:
        assert ask(server, "army.ml", timeout_s=0.3) == Reply("unknown")


def mutated(query: bytes, changes: list[tuple[int, int]]) -> bytes:
    """A good answer to a query, with some of its bytes changed; the first two, by which it is told, stay."""
    asked = dns.message.from_wire(query)
    answer = dns.message.make_response(asked)
    name = asked.question[0].name
    answer.answer.append(dns.rrset.from_text(name, 300, "IN", "CNAME", "x.army.ml."))
    answer.answer.append(dns.rrset.from_text("x.army.ml.", 300, "IN", "MX", "10 mx1.army.ml.", "20 mx2.army.ml."))
    wire = bytearray(answer.to_wire())
    for at, byte in changes:
        wire[2 + at % (len(wire) - 2)] = byte
    return bytes(wire)


@pytest.mark.fuzz
@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), max_size=8))
@settings(max_examples=60)
def test_no_answer_whatever_its_bytes_is_an_error(changes: list[tuple[int, int]]) -> None:
    with responder(lambda query: mutated(query, changes)) as server:
        reply = ask(server, "army.ml", timeout_s=0.05)
    assert len(reply.hosts) <= MOST_RECORDS
    assert all(host.isascii() and len(host) <= HOST_LENGTH for host in reply.hosts)
