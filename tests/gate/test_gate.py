"""The gate from question to answer: who is asked, what confirms, and that it fails open."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams import clock
from streams.detection.detector import SLICE_RECIPIENTS
from streams.gate.confirmations import StoredRecord
from streams.gate.inputs import GateRules
from streams.gate.question import Answer, Question, refusal
from streams.memory.lessons import LearningPolicy
from streams.memory.memory import Memory, MemoryBounds
from streams.memory.memory_digests import MemoryDigests
from tests.gate.gates import MINUTE, SECOND, START_MS, Trial, inputs_of, run
from tests.gate.questions import HTTP, milter, policy

CERTAIN = "sam@navy.ml"
"""At a slip that no list names; that of the questions, army.ml, is listed."""


def slip(**changes: Any) -> Question:
    return policy(**{"recipients": (CERTAIN,), **changes})


def slip_by_milter(**changes: Any) -> Question:
    return milter(**{"recipients": (CERTAIN,), **changes})


def test_a_person_is_asked_once_and_confirms_by_sending_again() -> None:
    async def work() -> None:
        trial = Trial()
        [answer] = await trial.ask(slip(instance="1"))
        assert (answer.action, answer.why) == ("refuse", "asked")
        assert answer.reply == (
            "[straymail] navy.ml is probably a mistake for navy.mil. If you do mean navy.ml, send the mail again "
            "after 30 seconds."
        )
        assert await trial.why(slip(instance="2"), after_ms=30 * SECOND) == "confirmed"
        assert await trial.why(slip(instance="3"), after_ms=29 * 24 * 60 * MINUTE) == "confirmed"
        assert await trial.why(slip(instance="4"), after_ms=24 * 60 * MINUTE) == "asked"

    run(work())


def test_a_program_that_sends_at_once_again_and_again_never_confirms() -> None:
    async def work() -> None:
        trial = Trial()
        whys = [await trial.why(slip(instance=str(number)), after_ms=10 * SECOND) for number in range(60)]
        assert set(whys) == {"asked"}
        assert await trial.why(slip(instance="a person"), after_ms=30 * SECOND) == "confirmed"

    run(work())


def test_over_milter_another_message_confirms_and_the_same_one_never_does() -> None:
    async def work() -> None:
        trial = Trial()
        for _ in range(5):
            assert await trial.why(slip_by_milter(message_id="<1@x>"), after_ms=2 * MINUTE) == "asked"
        assert await trial.why(slip_by_milter(message_id="<2@x>"), after_ms=30 * SECOND) == "confirmed"
        assert await trial.why(slip_by_milter(message_id="<1@x>")) == "confirmed"

    run(work())


def test_two_mails_of_one_outbox_confirm_nothing() -> None:
    async def work() -> None:
        trial = Trial()
        for after_ms in (0, 60 * SECOND):  # it is flushed again
            trial.now_ms += after_ms
            whys = [await trial.why(slip_by_milter(message_id=f"<{number}@x>"), after_ms=5) for number in range(2)]
            assert whys == ["asked", "asked"]
        assert await trial.why(slip_by_milter(message_id="<1@x>"), after_ms=MINUTE) == "asked", "it was refused last"
        assert await trial.why(slip_by_milter(message_id="<a person>"), after_ms=29 * SECOND) == "asked"
        assert await trial.why(slip_by_milter(message_id="<a person again>"), after_ms=30 * SECOND) == "confirmed"
        assert trial.labels == [["asked"], ["asked", "confirmed"]]

    run(work())


@pytest.mark.parametrize("question", [slip, slip_by_milter])
def test_a_program_that_asks_two_gates_in_turn_never_confirms(question: Callable[..., Question]) -> None:
    async def work() -> None:
        gate, other = Trial(), Trial()
        for number in range(20):
            mail = question(instance=str(number), message_id=f"<{number}@x>")
            assert await gate.why(mail, after_ms=20 * SECOND) == "asked"
            gate, other = gate.tell(other), gate

    run(work())


def test_a_gate_that_starts_counts_what_it_reads_as_refused_then() -> None:
    async def work() -> None:
        before = Trial()
        await before.ask(slip(instance="1"))
        before.now_ms += 10 * MINUTE
        trial = before.tell(Trial())
        assert await trial.why(slip(instance="2"), after_ms=29 * SECOND) == "asked"
        assert await trial.why(slip(instance="3"), after_ms=30 * SECOND) == "confirmed"

    run(work())


def test_a_gate_whose_clock_is_ahead_waits_as_long() -> None:
    async def work() -> None:
        behind = Trial()
        await behind.ask(slip(instance="1"))
        trial = behind.tell(Trial(), ahead_ms=40 * SECOND)
        assert await trial.why(slip(instance="2"), after_ms=SECOND) == "asked"
        assert await trial.why(slip(instance="3"), after_ms=30 * SECOND) == "confirmed"

    run(work())


def test_refusals_are_stored_at_most_once_a_second() -> None:
    async def work() -> None:
        trial = Trial()
        for number in range(60):
            await trial.ask(slip(instance=str(number)), after_ms=SECOND // 10)
        assert len(trial.store.stored) in (6, 7)
        assert await trial.why(slip(instance="a person"), after_ms=30 * SECOND) == "confirmed"

    run(work())


def test_what_one_protocol_asked_another_does_not_confirm() -> None:
    async def work() -> None:
        trial = Trial()
        assert await trial.why(slip_by_milter(message_id="<1@x>")) == "asked"
        assert await trial.why(slip(instance="1"), after_ms=MINUTE) == "asked", "it may be the same message"
        assert await trial.why(slip_by_milter(message_id="<2@x>"), after_ms=MINUTE) == "confirmed"
        assert await trial.why(slip(instance="2")) == "confirmed"

    run(work())


@pytest.mark.parametrize("question", [slip, slip_by_milter])
def test_who_has_corrected_is_asked_afresh(question: Callable[..., Question]) -> None:
    async def work() -> None:
        trial = Trial()
        assert await trial.why(question(instance="1", message_id="<1@x>")) == "asked"
        right = question(instance="2", message_id="<2@x>", recipients=("sam@navy.mil",))
        assert await trial.why(right, after_ms=MINUTE) == "no-slip"
        assert await trial.why(question(instance="3", message_id="<3@x>"), after_ms=10 * MINUTE) == "asked"
        assert trial.labels == [["asked"], ["asked", "corrected"], ["asked"]]
        assert len({event.id for event in trial.store.published}) == 3
        assert await trial.why(question(instance="4", message_id="<4@x>"), after_ms=MINUTE) == "confirmed"

    run(work())


def test_who_means_both_addresses_can_confirm() -> None:
    async def work() -> None:
        trial = Trial()
        whys = []
        for number in range(2):
            for recipient in ("sam@navy.mil", CERTAIN):  # each at its RCPT
                question = slip(recipients=(recipient,), instance=str(number))
                whys.append(await trial.why(question, after_ms=MINUTE))
        assert whys == ["no-slip", "asked", "no-slip", "confirmed"]

    run(work())


@pytest.mark.parametrize("order", [("sam@navy.mil", CERTAIN), (CERTAIN, "sam@navy.mil")])
def test_who_sends_to_both_again_too_soon_can_confirm_all_the_same(order: tuple[str, str]) -> None:
    async def work() -> None:
        trial = Trial()
        for number in range(4):
            for recipient in order:  # each at its RCPT
                why = await trial.why(slip(recipients=(recipient,), instance=str(number)), after_ms=SECOND)
                assert why == ("asked" if recipient == CERTAIN else "no-slip")
        assert await trial.why(slip(instance="again"), after_ms=30 * SECOND) == "confirmed"

    run(work())


def test_what_nobody_could_confirm_is_no_ask_after_a_reload() -> None:
    async def work() -> None:
        trial = Trial(mode="reject")
        assert await trial.why(slip_by_milter(message_id="<1@x>")) == "rejected"
        trial.gate.use(inputs_of(mode="confirm").rules())
        assert await trial.why(slip_by_milter(message_id="<2@x>"), after_ms=MINUTE) == "asked"
        assert await trial.why(slip_by_milter(message_id="<3@x>"), after_ms=MINUTE) == "confirmed"
        trial.gate.use(inputs_of(mode="reject").rules())
        assert await trial.why(slip_by_milter(message_id="<4@x>")) == "rejected"
        assert trial.labels == [["asked"], ["asked"], ["asked", "confirmed"]]

    run(work())


@pytest.mark.parametrize("question", [slip, slip_by_milter])
def test_concurrent_mails_are_asks_of_their_own(question: Callable[..., Question]) -> None:
    async def work() -> None:
        trial = Trial()
        trial.store.is_open.clear()
        asking = [asyncio.ensure_future(trial.ask(question(instance=str(n), message_id=f"<{n}@x>"))) for n in range(2)]
        await asyncio.sleep(0)
        trial.store.is_open.set()
        assert [answers[0].why for answers in await asyncio.gather(*asking)] == ["asked", "asked"]
        assert len({(event.id, event.message_id) for event in trial.store.published}) == 2
        for number in range(2):
            again = question(instance=str(number), message_id=f"<{number}@x>")
            assert await trial.why(again, after_ms=MINUTE) == "asked", "both were refused"

    run(work())


def test_what_one_mail_withdraws_another_keeps() -> None:
    async def work() -> None:
        trial = Trial(deadline="300ms")
        trial.store.is_open.clear()
        late = asyncio.ensure_future(trial.ask(slip(instance="late")))
        await asyncio.sleep(0)
        trial.store.is_open = asyncio.Event()
        trial.store.is_open.set()
        assert await trial.why(slip(instance="1")) == "asked"
        assert (await late)[0].why == "store"
        assert await trial.why(slip(instance="2"), after_ms=MINUTE) == "confirmed"

    run(work())


@pytest.mark.parametrize("question", [slip, slip_by_milter])
def test_who_was_gone_before_the_answer_has_not_been_asked(question: Callable[..., Question]) -> None:
    async def work() -> None:
        trial = Trial()
        trial.has_client = False
        assert await trial.why(question(instance="1", message_id="<1@x>")) == "asked"
        assert trial.store.published == []
        trial.has_client = True
        assert await trial.why(question(instance="2", message_id="<2@x>"), after_ms=MINUTE) == "asked"
        assert trial.labels == [["asked"]]

    run(work())


@pytest.mark.parametrize("question", [slip, slip_by_milter])
def test_what_waited_too_long_to_be_read_passes(question: Callable[..., Question]) -> None:
    """Postfix has let it pass by then."""

    async def work() -> None:
        trial = Trial(deadline="100ms")
        watching = asyncio.ensure_future(trial.gate.stalls.run())
        await asyncio.sleep(0)
        time.sleep(0.3)  # noqa: ASYNC251  # the process is stopped
        assert await trial.why(question()) == "deadline"
        assert (trial.store.stored, trial.store.published) == ([], [])
        watching.cancel()

    run(work())


def test_an_answer_that_a_stall_made_late_lets_mail_pass() -> None:
    async def work() -> None:
        trial = Trial(deadline="300ms")

        async def put(records: Sequence[StoredRecord]) -> None:
            time.sleep(0.4)  # noqa: ASYNC251  # the process is stopped; the store has acknowledged
            trial.store.put_later(records)

        trial.store.put = put  # type: ignore[method-assign]
        assert await trial.why(slip()) == "deadline"
        assert trial.store.published == []
        assert await trial.why(slip(instance="2"), after_ms=MINUTE) == "deadline", "it is as late"
        assert len(trial.store.confirmations) == 0, "nobody was asked"

    run(work())


def test_another_login_and_another_recipient_are_asked_again() -> None:
    async def work() -> None:
        trial = Trial()
        await trial.ask(slip(instance="1"))
        assert await trial.why(slip(instance="2"), after_ms=MINUTE) == "confirmed"
        assert await trial.why(slip(instance="3", login="kim")) == "asked"
        assert await trial.why(slip(instance="4", recipients=("kim@navy.ml",))) == "asked"
        assert await trial.why(slip(instance="5", recipients=("SAM@NAVY.ML",))) == "confirmed"

    run(work())


def test_an_ask_is_over_after_its_window() -> None:
    async def work() -> None:
        trial = Trial()
        await trial.ask(slip(instance="1"))
        assert await trial.why(slip(instance="2"), after_ms=60 * MINUTE) == "asked"
        assert await trial.why(slip(instance="3"), after_ms=MINUTE) == "confirmed"

    run(work())


def test_a_listed_mistake_cannot_be_confirmed() -> None:
    async def work() -> None:
        trial = Trial()
        for number in range(3):
            [answer] = await trial.ask(policy(instance=str(number)), after_ms=MINUTE)
            assert (answer.action, answer.why) == ("refuse", "listed")
            assert "send the mail again" not in (answer.reply or "")
        assert trial.labels == [["asked"]], "it is one mail, sent again"

    run(work())


def test_only_the_recipients_at_a_slip_are_refused() -> None:
    async def work() -> None:
        trial = Trial()
        answers = await trial.ask(
            slip_by_milter(recipients=("a@army.mil", CERTAIN, "kim@navy.ml", "local", "b@mod.gov.uk"))
        )
        assert [answer.why for answer in answers] == ["no-slip", "asked", "asked", "no-slip", "no-slip"]
        assert [event.recipients for event in trial.store.published] == [[CERTAIN], ["kim@navy.ml"]]
        assert len({event.message_id for event in trial.store.published}) == 1, "it is one mail"
        assert await trial.ask(slip_by_milter(recipients=(CERTAIN,), message_id="<2@x>"))

    run(work())


def test_a_mail_that_is_refused_confirms_none_of_its_recipients() -> None:
    async def work() -> None:
        trial = Trial()
        both = {"recipients": (CERTAIN, "tom@navy.ml")}
        await trial.ask(slip_by_milter(message_id="<1@x>"))
        answers = await trial.ask(slip_by_milter(message_id="<2@x>", **both), after_ms=MINUTE)
        assert [answer.why for answer in answers] == ["confirmed", "asked"]
        assert trial.labels == [["asked"]] * 2, "the mail did not leave"
        answers = await trial.ask(slip_by_milter(message_id="<3@x>", **both), after_ms=MINUTE)
        assert [answer.why for answer in answers] == ["confirmed"] * 2
        assert trial.labels == [["asked"]] * 2 + [["asked", "confirmed"]] * 2

    run(work())


def test_local_parts_that_are_no_text_are_not_taken_for_each_other() -> None:
    async def work() -> None:
        trial = Trial()
        assert await trial.why(slip(recipients=("s\udce4m@navy.ml",))) == "asked"
        assert await trial.why(slip(recipients=("s\udcf6m@navy.ml",), instance="2"), after_ms=MINUTE) == "asked"
        assert await trial.why(slip(recipients=("s\udce4m@navy.ml",), instance="3"), after_ms=MINUTE) == "confirmed"

    run(work())


@pytest.mark.parametrize("mode", ["audit", "warn"])
def test_audit_and_warn_let_all_pass_and_store_nothing(mode: str) -> None:
    async def work() -> None:
        trial = Trial(mode=mode)
        assert [await trial.why(question) for question in (policy(), slip(), milter())] == [mode] * 3
        assert (trial.store.stored, trial.store.published) == ([], [])
        assert trial.sample("decisions_total", protocol="policy", decision=mode) == 2

    run(work())


def test_audit_counts_what_confirm_would_have_asked() -> None:
    async def work() -> None:
        trial = Trial(mode="audit")
        unasked = [slip(login=None, client_address="127.0.0.1"), slip_by_milter(message_id=None)]
        assert [await trial.why(question) for question in [*unasked, slip_by_milter(is_internal=True)]] == [
            "unasked"
        ] * 3
        assert trial.sample("would_ask_total", protocol="milter") == 0
        for number in range(5):
            assert await trial.why(slip_by_milter(message_id=f"<{number}@x>"), after_ms=MINUTE) == "audit"
        assert trial.sample("would_ask_total", protocol="milter") == 1, "it is one question"
        await trial.ask(slip_by_milter(recipients=("kim@navy.ml",)))
        await trial.ask(slip_by_milter(), after_ms=60 * MINUTE)
        assert trial.sample("would_ask_total", protocol="milter") == 3
        assert await trial.why(HTTP) == "audit"
        assert trial.sample("would_ask_total", protocol="http") == 0
        confirms = Trial()
        await confirms.ask(slip())
        assert confirms.sample("would_ask_total", protocol="policy") == 0

    run(work())


def test_http_advises_and_confirms_nobodys_mail() -> None:
    async def work() -> None:
        trial = Trial()
        for _ in range(2):
            [asked, listed] = await trial.ask(Question("http", HTTP.sender, (CERTAIN, "sam@army.ml")), after_ms=MINUTE)
            assert (asked.action, asked.why, listed.action, listed.why) == ("refuse", "asked", "refuse", "listed")
        assert (trial.store.stored, trial.store.published) == ([], [])
        [advice] = await Trial(mode="audit").ask(HTTP)
        assert (advice.action, advice.why) == ("pass", "audit")
        assert advice.verdict is not None
        assert advice.verdict.intended == "army.mil"
        assert "army.ml is probably a mistake" in (advice.reply or "")

    run(work())


@pytest.mark.parametrize("question", [policy(login=None), slip(sender=""), slip_by_milter(is_bulk=True)])
def test_mail_of_others_and_of_programs_passes(question: Question) -> None:
    trial = Trial()
    assert run(trial.why(question)) in ("not-own", "no-person")
    assert trial.store.stored == []


def test_what_is_published_of_an_ask_and_of_its_end() -> None:
    async def work() -> None:
        trial = Trial()
        await trial.ask(slip(instance="1"))
        await trial.ask(slip(instance="1"))
        await trial.ask(slip(instance="2"), after_ms=MINUTE)
        asked, confirmed = trial.store.published
        assert trial.labels == [["asked"], ["asked", "confirmed"]]
        assert (asked.sender, asked.recipients, asked.delivery) == ("jo@mod.gov.uk", [CERTAIN], "rejected")
        assert (asked.time, asked.message_id) == (START_MS, confirmed.message_id)
        assert (confirmed.time, confirmed.recipients) == (asked.time, asked.recipients)

    run(work())


def test_a_sender_who_writes_to_the_intended_address_has_corrected() -> None:
    async def work() -> None:
        trial = Trial()
        await trial.ask(slip(instance="1"))
        await trial.ask(policy(instance="1", recipients=("sam@navy.mil",)))  # it was a recipient of that mail too
        await trial.ask(policy(instance="2", recipients=("kim@navy.mil",)))
        await trial.ask(policy(instance="3", recipients=("sam@navy.mil",), login="kim"))
        assert trial.labels == [["asked"]]
        for number in range(4, 6):
            await trial.ask(policy(instance=str(number), recipients=("Sam@navy.mil",)), after_ms=7 * MINUTE)
        assert trial.labels == [["asked"], ["asked", "corrected"]]
        assert trial.store.published[1].recipients == trial.store.published[0].recipients == ["sam@navy.ml"]
        assert trial.store.published[1].message_id == trial.store.published[0].message_id
        assert trial.sample("outcomes_total", outcome="corrected") == 1

    run(work())


@pytest.mark.parametrize("recipients", [("Sam@NAVY.ml",), ("sam@navy.ml",), ("Sam@navy.mil",)])
def test_every_outcome_has_the_sender_and_the_recipient_of_its_ask(recipients: tuple[str, ...]) -> None:
    async def work() -> None:
        trial = Trial()
        signed = [f"prvs={number}234abcdef=Jo@mod.gov.uk" for number in range(2)]
        await trial.ask(slip(sender=signed[0], recipients=("Sam@navy.ml",)))
        await trial.ask(slip(sender=signed[1], recipients=recipients, instance="2"), after_ms=MINUTE)
        assert [(event.sender, event.recipients) for event in trial.store.published] == [
            ("jo@mod.gov.uk", ["sam@navy.ml"])
        ] * 2

    run(work())


@pytest.mark.parametrize(("to", "outcome"), [(CERTAIN, "confirmed"), ("sam@navy.mil", "corrected")])
def test_what_another_sender_with_the_same_login_does_is_counted_alone(to: str, outcome: str) -> None:
    async def work() -> None:
        trial = Trial()
        await trial.ask(slip())
        await trial.ask(slip(sender="desk@mod.gov.uk", recipients=(to,), instance="2"), after_ms=MINUTE)
        assert [(event.sender, event.labels) for event in trial.store.published] == [("jo@mod.gov.uk", ["asked"])]
        assert trial.sample("outcomes_total", outcome=outcome) == 1

    run(work())


@pytest.mark.parametrize("after_ms", [15 * MINUTE + 1, 20 * MINUTE])
def test_after_a_quarter_of_an_hour_it_is_another_matter(after_ms: int) -> None:
    async def work() -> None:
        trial = Trial()
        await trial.ask(slip(instance="1"))
        await trial.ask(policy(instance="2", recipients=("sam@navy.mil",)), after_ms=after_ms)
        assert trial.labels == [["asked"]]

    run(work())


def test_who_confirms_after_the_same_time_again_and_again_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        trial = Trial()
        for number in range(3):
            question = slip(recipients=(f"{number}@navy.ml",))
            await trial.ask(question)
            await trial.ask(slip(recipients=question.recipients, instance="again"), after_ms=5 * MINUTE)
        assert trial.sample("machine_senders_total") == 1

    with caplog.at_level(logging.INFO):
        run(work())
    assert "gate.automatic" in caplog.text
    assert "jo" not in caplog.text


# It fails open.


@pytest.mark.parametrize(
    ("given", "fault"), [({"has_watchlist": False}, "watchlist"), ({"has_memory": False}, "memory")]
)
def test_without_watchlist_or_memory_mail_passes(given: dict[str, bool], fault: str) -> None:
    memory = Memory(MemoryDigests(b"key"), LearningPolicy(), MemoryBounds(1_000, 1_000))
    trial = Trial(memory=memory, **given)
    assert [run(trial.why(question)) for question in (policy(), milter(), HTTP)] == [fault] * 3
    assert trial.sample("faults_total", reason=fault) == 3
    assert trial.sample("decisions_total", protocol="policy", decision="fault") == 1
    assert run(trial.why(policy(login=None))) == "not-own", "that is no fault"


@pytest.mark.parametrize("mode", ["confirm", "reject"])
def test_while_nothing_can_be_stored_mail_passes(mode: str) -> None:
    async def work() -> None:
        trial = Trial(mode=mode)
        trial.store.problem = "no broker can be reached"
        assert [await trial.why(question) for question in (policy(), slip(), milter())] == ["store"] * 3
        trial.store.problem, trial.store.fails = None, True
        assert await trial.why(slip()) == "store"
        assert trial.store.published == []
        trial.store.fails = False
        assert await trial.why(slip(instance="2"), after_ms=MINUTE) in ("asked", "rejected")
        trial.store.problem = "no broker can be reached"
        assert await trial.why(slip(instance="2")) == "store", "though it was asked before"

    run(work())


def test_what_is_stored_too_late_was_not_asked() -> None:
    async def work() -> None:
        trial = Trial(deadline="300ms")
        trial.store.is_open.clear()
        assert await trial.why(slip()) == "store"
        trial.store.is_open.set()
        assert trial.store.published == []
        assert [value for _, value in trial.store.stored] == [None], "it is withdrawn"
        assert await trial.why(slip(instance="2"), after_ms=MINUTE) == "asked", "the sender has not been asked yet"

    run(work())


def test_a_confirmation_that_is_stored_late_is_one_all_the_same() -> None:
    async def work() -> None:
        trial = Trial(deadline="300ms")
        await trial.ask(slip())
        trial.store.is_open.clear()
        assert await trial.why(slip(instance="2"), after_ms=MINUTE) == "confirmed"
        assert await trial.why(slip(instance="3")) == "confirmed"

    run(work())


def test_many_recipients_are_judged_within_the_deadline() -> None:
    trial = Trial(deadline="10ms")
    crowd = milter(recipients=tuple(f"a@navy{number}.ml" for number in range(20_000)))
    answers = run(trial.ask(crowd))
    assert {answer.why for answer in answers} == {"deadline"}
    assert len(answers) == 20_000


def test_others_are_answered_while_many_slips_are_judged() -> None:
    async def work() -> None:
        trial, turns = Trial(deadline="1s"), 0
        crowd = slip_by_milter(recipients=tuple(f"a{number}@navy.ml" for number in range(1_000)))
        asking = asyncio.ensure_future(trial.ask(crowd))
        while not asking.done():
            await asyncio.sleep(0)
            turns += 1
        assert {answer.why for answer in asking.result()} == {"asked"}
        assert turns > 2 * 1_000 // SLICE_RECIPIENTS, "in finding them, and in looking up what is known of each"

    run(work())


def test_looking_up_what_is_known_ends_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    trial = Trial()
    find = trial.slips.find

    async def find_late(question: Question, now_ms: int, until_s: float) -> object:
        found = await find(question, now_ms, until_s)
        while clock.monotonic() < until_s:
            pass
        return found

    monkeypatch.setattr(trial.slips, "find", find_late)
    crowd = slip_by_milter(recipients=tuple(f"a{number}@navy.ml" for number in range(200)))
    assert {answer.why for answer in run(trial.ask(crowd))} == {"deadline"}
    assert trial.store.stored == []


def test_an_unexpected_error_lets_mail_pass(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    trial = Trial()
    monkeypatch.setattr(trial.slips, "find", lambda *_: 1 / 0)
    assert run(trial.why(slip())) == "error"
    assert trial.sample("faults_total", reason="error") == 1
    assert "please report it" in caplog.text


def test_cancelling_a_question_cancels_it() -> None:
    async def work() -> None:
        trial = Trial(deadline="1s")
        trial.store.is_open.clear()
        asking = asyncio.ensure_future(trial.ask(slip()))
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    run(work())


texts = st.text(st.characters(), max_size=40) | st.sampled_from(
    ["", "@", "a@b@army.ml", "<a@army.ml>", '"a b"@army.ml']
)


@given(texts, st.lists(texts, min_size=1, max_size=4), texts | st.none(), texts | st.none(), texts | st.none())
def test_no_text_is_an_error(
    sender: str, recipients: list[str], login: str | None, address: str | None, name: str | None
) -> None:
    trial = Trial()
    for protocol in ("policy", "milter", "http"):
        question = Question(protocol, sender, tuple(recipients), login, address, name, name)
        answers = run(trial.ask(question))
        assert [answer.recipient for answer in answers] == recipients
        assert "error" not in {answer.why for answer in answers}
        for answer in answers:
            if answer.reply is not None:
                assert answer.reply.isascii()
                assert answer.reply.isprintable()


def test_lone_surrogates_are_no_error_either() -> None:
    odd = policy(sender="j\udcffo@mod.gov.uk", login="j\udcff", recipients=("s\udcff@navy.ml", "s@army\udcff.ml"))
    answers = run(Trial().ask(odd))
    assert [answer.why for answer in answers] == ["asked", "no-slip"]


def test_new_rules_are_used_at_once() -> None:
    async def work() -> None:
        trial = Trial()
        rules: GateRules = inputs_of(mode="audit").rules()
        trial.gate.use(rules)
        assert await trial.why(slip()) == "audit"

    run(work())


def test_it_reports_what_passed_for_faults(caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        trial = Trial(has_watchlist=False)
        await trial.ask(slip())
        trial.gate.let_pass("milter", 1_001)
        for _ in range(2):
            await trial.gate.maintain()
        assert trial.sample("stored", kind="asked") == 0

    with caplog.at_level(logging.WARNING):
        run(work())
    assert "1,001 recipients passed without a judgement, since the mail or the request was too big" in caplog.text
    assert caplog.text.count("1 recipient passed without a judgement, since there is no valid watchlist") == 1


def test_the_answers_of_a_mail() -> None:
    answers: list[Answer] = run(Trial().ask(slip_by_milter(recipients=("a@army.mil", CERTAIN))))
    refused = refusal(answers)
    assert refused is not None
    assert refused.recipient == CERTAIN
