"""The milter protocol as Postfix and Sendmail speak it, and as nobody should."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from streams.gate.listeners import listening, milter
from streams.gate.listeners.milter_packets import packet
from streams.gate.question import Question
from tests.gate.listeners.milter_client import (
    ACCEPT,
    CONTINUE,
    OFFER,
    OLD_OFFER,
    REFUSE,
    connect,
    mail,
    read_packet,
    texts,
)
from tests.gate.listeners.tiny_gate import Served, all_of, bad_requests, serve

WRONG = "ops@army.ml"
ASKED = Question("milter", "desk@mod.example", (WRONG,), "desk", "127.0.0.1", "<1@mod.example>")


def session(
    folder: Path, *packets: bytes, answers: list[bytes], offer: bytes = OFFER, passed: int = 0
) -> list[Question]:
    """The questions of a session in which these answers follow the one to the offer, and so many recipients pass
    unjudged."""
    asked: list[Question] = []

    async def test(served: Served) -> None:
        async with served.connected("milter") as (reader, writer):
            writer.write(packet(b"O", offer))
            assert (await read_packet(reader))[4:5] == b"O"
            for each in packets:
                writer.write(each)
            assert [await read_packet(reader) for _ in answers] == answers
            writer.write(packet(b"Q"))
            assert await all_of(reader) == b""
        assert bad_requests(served.metrics, "milter") == 0
        assert served.gate.passed == ["milter"] * passed
        asked.extend(served.gate.asked)

    serve(folder, test)
    return asked


def test_a_mail_is_asked_about_once_and_refused_as_a_whole(tmp_path: Path) -> None:
    right = "ops@army.mil"
    assert session(tmp_path, connect(), mail(WRONG), answers=[REFUSE]) == [ASKED]
    assert session(tmp_path, connect(), mail(right, WRONG), answers=[REFUSE])[0].recipients == (right, WRONG)
    assert session(tmp_path, connect(), mail(right), answers=[ACCEPT])[0].recipients == (right,)


def test_each_mail_of_a_session_has_its_own_answer(tmp_path: Path) -> None:
    again = mail(WRONG, message_id="<2@mod.example>")
    asked = session(tmp_path, connect(), mail(WRONG), mail("b@army.mil"), again, answers=[REFUSE, ACCEPT, REFUSE])
    assert [question.message_id for question in asked] == ["<1@mod.example>", "<1@mod.example>", "<2@mod.example>"]


def test_a_refusal_names_each_domain_once(tmp_path: Path) -> None:
    (answer,) = session_answers(tmp_path, mail(WRONG, "b@army.ml", "c@navy.ml"))
    assert answer[5:].decode().split("\r\n") == [
        "550-5.7.1 [straymail] army.ml is probably a mistake for army.mil, 100%% sure.",
        "550 5.7.1 [straymail] navy.ml is probably a mistake for navy.mil, 100%% sure.\0",
    ]


def session_answers(folder: Path, sent: bytes) -> list[bytes]:
    answers: list[bytes] = []

    async def test(served: Served) -> None:
        async with served.connected("milter") as (reader, writer):
            writer.write(packet(b"O", OFFER) + connect() + sent)
            await read_packet(reader)
            answers.append(await read_packet(reader))

    serve(folder, test)
    return answers


def test_an_old_mail_system_has_an_answer_to_each_packet(tmp_path: Path) -> None:
    packets = [connect(), texts("H", "desk"), mail(WRONG), texts("U", "XYZ"), mail(WRONG), packet(b"B", b"x" * 7_000)]
    envelope = [CONTINUE] * 5  # MAIL, RCPT, three headers
    answers = [CONTINUE, CONTINUE, *envelope, REFUSE, CONTINUE, *envelope, REFUSE, CONTINUE]
    assert session(tmp_path, *packets, offer=OLD_OFFER, answers=answers) == [ASKED, ASKED]


def test_who_the_client_is(tmp_path: Path) -> None:
    def asked(*packets: bytes) -> Question:
        return session(tmp_path, *packets, answers=[REFUSE])[0]

    assert asked(connect("2001:db8::1", b"6"), mail(WRONG)) == replace(ASKED, client_address="2001:db8::1")
    assert asked(connect("IPv6:2001:db8::1", b"6"), mail(WRONG)) == replace(ASKED, client_address="2001:db8::1")
    assert asked(connect("/run/x", b"L"), mail(WRONG)) == replace(ASKED, client_address=None)
    assert asked(packet(b"C", b"unknown\0U"), mail(WRONG)) == replace(ASKED, client_address=None)
    nobody_here = replace(ASKED, login=None)
    assert asked(connect(port=0), mail(WRONG, login="")) == replace(nobody_here, is_internal=True)
    assert asked(connect("::1", b"6", port=0), mail(WRONG, login="")).is_internal
    assert asked(connect(), mail(WRONG, login="")) == nobody_here
    assert asked(connect(), mail(WRONG, login="")) == replace(ASKED, login=None)
    assert asked(connect(), mail(WRONG, login="d\u00e9sk")) == replace(ASKED, login="d\u00e9sk")
    nobody = replace(ASKED, login=None, client_address=None)
    assert asked(connect(), packet(b"K"), mail(WRONG, login="")) == nobody


def test_a_client_whose_port_postfix_does_not_know_is_no_mail_of_the_machine(tmp_path: Path) -> None:
    for packets in (
        [connect("198.51.100.7", port=0), mail(WRONG)],
        [connect("198.51.100.7", port=0), mail(WRONG, login="")],
        [connect(port=0), mail(WRONG)],  # with a login
        [connect("", port=0), mail(WRONG, login="")],
    ):
        assert not session(tmp_path, *packets, answers=[REFUSE])[0].is_internal


def test_bytes_that_are_no_text_stay_apart(tmp_path: Path) -> None:
    sent = mail("sXm@army.ml")
    odd = [sent.replace(b"sXm", b"s%cm" % byte) for byte in (0xE4, 0xF6)]
    asked = session(tmp_path, connect(), *odd, answers=[REFUSE] * 2)
    assert [question.recipients for question in asked] == [("s\udce4m@army.ml",), ("s\udcf6m@army.ml",)]


def test_senders_and_headers_as_mails_have_them(tmp_path: Path) -> None:
    def asked(sent: bytes) -> Question:
        return session(tmp_path, connect(), sent, answers=[REFUSE])[0]

    assert asked(mail(WRONG, sender="")) == replace(ASKED, sender="")
    assert asked(mail(WRONG, message_id="")) == replace(ASKED, message_id=None)
    unended = mail(WRONG)[:-5]
    list_mail = unended + texts("L", "List-Id", " <x>") + packet(b"N")
    assert asked(list_mail) == replace(ASKED, is_bulk=True)
    second = unended + texts("L", "Message-ID", " <2@mod.example>") + packet(b"N")
    assert asked(second) == ASKED


def test_a_mail_that_is_given_up_is_not_asked_about(tmp_path: Path) -> None:
    envelope = mail(WRONG)[:-5]
    other = session(tmp_path, connect(), envelope, packet(b"A"), mail("b@army.mil"), answers=[ACCEPT])
    assert [question.recipients for question in other] == [("b@army.mil",)]
    assert session(tmp_path, connect(), envelope, packet(b"A"), packet(b"N"), answers=[ACCEPT]) == []


def test_a_mail_is_asked_about_at_its_end_where_it_has_no_end_of_headers(tmp_path: Path) -> None:
    assert session(tmp_path, connect(), mail(WRONG)[:-5], packet(b"E"), answers=[REFUSE]) == [ASKED]


def test_a_mail_with_too_many_recipients_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(milter, "MOST_RECIPIENTS", 2)
    asked = session(
        tmp_path, connect(), mail(WRONG, WRONG, WRONG), mail(WRONG, WRONG), answers=[ACCEPT, REFUSE], passed=3
    )
    assert [len(question.recipients) for question in asked] == [2]


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\0\0\0\0\0",
        packet(b"O", b"\0"),
        mail(WRONG),
        packet(b"O", OFFER) + packet(b"Z"),
        packet(b"O", OFFER) + b"\xff" * 9,
    ],
)
def test_who_doesnt_keep_to_the_protocol_is_cut_off(tmp_path: Path, sent: bytes) -> None:
    async def test(served: Served) -> None:
        async with served.connected("milter") as (reader, writer):
            writer.write(sent)
            assert (await all_of(reader))[4:5] in (b"", b"O")
        assert bad_requests(served.metrics, "milter") == 1

    serve(tmp_path, test)


def kept_by(*given: str) -> int:
    """The bytes that such a mail of test_milter takes of the budget, all its texts included."""
    return sum(
        sys.getsizeof(text) + milter.OVERHEAD_BYTES for text in (ASKED.sender, "desk", "<1@mod.example>", *given)
    )


def test_mails_that_no_bytes_are_left_for_pass_until_others_are_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "MOST_KEPT_BYTES", kept_by(WRONG))
    asked = session(tmp_path, connect(), mail(WRONG, WRONG), mail(WRONG), answers=[ACCEPT, REFUSE], passed=2)
    assert [len(question.recipients) for question in asked] == [1]


@pytest.mark.parametrize(
    "long", [{"sender": "x" * 500}, {"login": "x" * 500}, {"message_id": "x" * 500}, {"login": "\u00e4" * 200}]
)
def test_every_text_takes_of_the_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, long: dict[str, str]) -> None:
    monkeypatch.setattr(listening, "MOST_KEPT_BYTES", kept_by(WRONG) + 100)
    asked = session(tmp_path, connect(), mail(WRONG, **long), mail(WRONG), answers=[ACCEPT, REFUSE], passed=1)
    assert asked == [ASKED]


def test_short_texts_take_more_than_their_characters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "MOST_KEPT_BYTES", 10_000)
    crowd = [f"{chr(97 + number % 26)}{number // 26}" for number in range(150)]
    assert session(tmp_path, connect(), mail(*crowd), answers=[ACCEPT], passed=150) == []


def test_a_login_is_of_one_mail(tmp_path: Path) -> None:
    without_macros = mail(WRONG, login="")
    asked = session(tmp_path, connect(), mail(WRONG), without_macros, answers=[REFUSE, REFUSE])
    assert [question.login for question in asked] == ["desk", None]


@pytest.mark.parametrize("given_up", [packet(b"A"), packet(b"K"), packet(b"Q"), b"", mail("b@c.mil")])
def test_a_mail_that_is_done_keeps_no_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given_up: bytes) -> None:
    monkeypatch.setattr(listening, "MOST_KEPT_BYTES", kept_by(WRONG))

    async def test(served: Served) -> None:
        for _ in range(2):
            async with served.connected("milter") as (reader, writer):
                writer.write(packet(b"O", OFFER) + connect() + mail(WRONG) + mail(WRONG)[:-5] + given_up)
                assert [await read_packet(reader) for _ in range(2)][1] == REFUSE
                writer.write_eof()
                await all_of(reader)

    serve(tmp_path, test)
