"""Postfix's policy protocol as Postfix and Exim speak it, and as nobody should."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from streams.gate.listeners.policy import read_question
from streams.gate.question import Question
from tests.gate.listeners.tiny_gate import Served, all_of, bad_requests, serve

PASSES = b"action=DUNNO\n\n"
REFUSES = b"action=550 5.7.1 [straymail] army.ml is probably a mistake for army.mil, 100% sure.\n\n"


def request(recipient: str = "ops@army.ml", **more: str) -> bytes:
    """A request as Postfix 3.7 writes it, with fewer attributes that nobody reads."""
    attributes = {
        "request": "smtpd_access_policy",
        "protocol_state": "RCPT",
        "protocol_name": "ESMTP",
        "helo_name": "desk.mod.example",
        "queue_id": "",
        "sender": "desk@mod.example",
        "recipient": recipient,
        "recipient_count": "0",
        "client_address": "127.0.0.1",
        "instance": "1f.65a.0",
        "sasl_method": "plain",
        "sasl_username": "desk",
        "ccert_subject": "",
        "policy_context": "",
    }
    return b"".join(f"{name}={value}\n".encode() for name, value in (attributes | more).items()) + b"\n"


def asked(**more: str) -> Question | None:
    return read_question(request(**more))


def test_a_request_is_a_question() -> None:
    question = Question("policy", "desk@mod.example", ("ops@army.ml",), "desk", "127.0.0.1", None, "1f.65a.0")
    assert asked() == question
    nobody = Question("policy", "", ("ops@army.ml",), None, None, None, None)
    assert asked(sender="", sasl_username="", client_address="", instance="") == nobody
    equals = asked(sender="a=b@mod.example")
    assert equals is not None
    assert equals.sender == "a=b@mod.example"


@pytest.mark.parametrize(
    "more",
    [
        {"protocol_state": "DATA"},
        {"protocol_state": "END-OF-MESSAGE"},
        {"protocol_state": ""},
        {"request": "other"},
        {"recipient": ""},
    ],
)
def test_what_is_no_question_about_a_recipient_passes(more: dict[str, str]) -> None:
    assert asked(**more) is None


def test_bytes_that_are_no_text_are_a_question_all_the_same() -> None:
    question = read_question(request().replace(b"desk@", b"d\xff\xfek@"))
    assert question is not None
    assert question.sender == "d\udcff\udcfek@mod.example", "two texts never become the same"


def talk(folder: Path, *parts: bytes, answer: bytes, ends: bool = False, bad: int = 0, passed: int = 0) -> None:
    """Send the parts one after the other and compare what comes back, up to the end where the client `ends`."""

    async def test(served: Served) -> None:
        async with served.connected("policy") as (reader, writer):
            for part in parts:
                writer.write(part)
                await asyncio.sleep(0)
            if ends:
                writer.write_eof()
                assert await reader.read() == answer
            else:
                assert await reader.readexactly(len(answer)) == answer
        assert bad_requests(served.metrics, "policy") == bad
        assert served.gate.passed == ["policy"] * passed

    serve(folder, test)


def test_requests_are_answered_one_after_the_other_on_one_connection(tmp_path: Path) -> None:
    many = [request("a@army.mil"), request(), request(protocol_state="DATA"), request("b@army.mil"), request()]
    talk(tmp_path, *many, answer=PASSES + REFUSES + PASSES + PASSES + REFUSES)
    talk(tmp_path, b"".join(many), answer=PASSES + REFUSES + PASSES + PASSES + REFUSES)


def test_a_request_may_come_byte_by_byte(tmp_path: Path) -> None:
    talk(tmp_path, *(bytes([byte]) for byte in request()), answer=REFUSES)


def test_a_client_that_ends_after_its_question_is_answered(tmp_path: Path) -> None:
    talk(tmp_path, request(), answer=REFUSES, ends=True)
    talk(tmp_path, answer=b"", ends=True)
    talk(tmp_path, request()[:-1], answer=b"", ends=True)


def test_a_request_that_is_too_long_passes_and_the_next_is_answered(tmp_path: Path) -> None:
    long = b"x" * 500_000 + b"\n" + request()
    talk(tmp_path, long, request(), answer=PASSES + REFUSES, bad=1, passed=1)


def test_garbage_passes(tmp_path: Path) -> None:
    talk(tmp_path, b"\n\n", b"GET / HTTP/1.1\r\n\r\n", b"\0\xff\n\n", request(), answer=PASSES + PASSES + REFUSES)


def test_who_sends_more_while_a_question_is_open_is_cut_off(tmp_path: Path) -> None:
    async def test(served: Served) -> None:
        served.gate.is_open.clear()
        async with served.connected("policy") as (reader, writer):
            writer.write(request() * 100)
            assert await all_of(reader) == b""
        assert len(served.gate.asked) == 1
        assert bad_requests(served.metrics, "policy") == 1
        served.gate.is_open.set()

    serve(tmp_path, test)
