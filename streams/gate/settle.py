"""Stores what a question leads to before it is answered, and publishes it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterable, Sequence

from streams import clock
from streams.events.addresses import domain_of
from streams.events.asked import AskedOutcome
from streams.gate.case import FINAL, Case
from streams.gate.confirmations import (
    Ask,
    AskKey,
    StoredRecord,
    asked_record,
    confirmed_record,
    corrected_record,
    refused_record,
    uncorrected_record,
    withdrawn_record,
)
from streams.gate.digests import GateDigests
from streams.gate.outcome import Machines, corrected
from streams.gate.question import Fault, Question
from streams.gate.refused_event import refused_event
from streams.gate.store import DecisionStore, NotStoredError
from streams.gate.whose_mail import identity
from streams.metrics import GateMetrics

log = logging.getLogger(__name__)


class Settler:
    """Stores asks, confirmations and corrections. What can't be stored in time is not asked: the mail passes."""

    def __init__(self, store: DecisionStore, digests: GateDigests, metrics: GateMetrics) -> None:
        self._store, self._digests, self._metrics = store, digests, metrics
        self._machines = Machines()

    async def settle(self, question: Question, cases: Sequence[Case], now_ms: int, until_s: float) -> None:
        """Store what is asked and confirmed before `until_s`, of the monotonic clock; where that fails, no case stays
        refused."""
        if self._store.problem is not None:
            _pass_all(cases, "store")
        mail, sender = self._digests.mail(question), self._digests.sender(question.sender)
        for case in cases:
            if case.is_refused and case.ask is None:
                ask = _ask(question, case, mail, sender, now_ms)
                case.ask, case.is_new = (AskKey.of(case.pair, ask), ask), True
        confirmed = [confirmed_record(case.pair, now_ms) for case in cases if case.confirms]
        records = [*(asked_record(key, ask) for key, ask in _new_asks(cases).items()), *confirmed]
        if records and not await self._stored(records, until_s):
            self._store.put_later(confirmed)
            _pass_all(cases, "store")
        elif clock.monotonic() > until_s:
            _pass_all(cases, "deadline")

    def note(self, question: Question, cases: Collection[Case], refused: Collection[str], now_ms: int) -> None:
        """Note what came of a question after its answer, which refused these recipients: no other was asked."""
        reached = [case for case in cases if case.recipient in refused]
        asked = _new_asks(reached)
        if unseen := _new_asks(cases).keys() - asked.keys():
            self._store.put_later([withdrawn_record(key) for key in unseen])
        for case in reached:
            if not case.is_new:
                self._note_refusal(case, self._digests.mail(question), now_ms)
        for key, case in {case.ask[0]: case for case in reached if case.is_new and case.ask is not None}.items():
            self._publish(question.sender, case.recipient, key, asked[key], "asked")
        for case in cases:
            if case.confirms and case.ask is not None:
                self._note_confirmation(question, case.recipient, *case.ask, now_ms)
        if not any(case.is_refused for case in cases):
            self._note_corrections(question, now_ms)

    async def _stored(self, records: Sequence[StoredRecord], until_s: float) -> bool:
        if self._store.problem is not None:
            return False
        try:
            async with asyncio.timeout(until_s - clock.monotonic()):
                await self._store.put(records)
        except TimeoutError:
            return False
        except NotStoredError as error:
            log.warning("%s", error)
            return False
        return True

    def _note_refusal(self, case: Case, mail: str | None, now_ms: int) -> None:
        """A refusal after the ask is stored at most once a second: a program may try again and again."""
        table = self._store.confirmations
        last_ms = table.last_refused_ms(case.pair) or 0
        time_ms = max(now_ms, last_ms + 1)  # the greatest counts, also where the clock of another gate is ahead
        record = refused_record(case.pair, time_ms, mail)
        if case.ask is not None and table.is_corrected(case.ask[0]):  # by another RCPT of this mail
            self._store.put_later([uncorrected_record(case.ask[0])])
        if time_ms // 1000 > last_ms // 1000:
            self._store.put_later([record])
        else:
            table.take(*record, now_ms=now_ms)

    def _note_confirmation(self, question: Question, recipient: str, key: AskKey, ask: Ask, now_ms: int) -> None:
        self._publish(question.sender, recipient, key, ask, "confirmed")
        sender = identity(question)
        if self._machines.seems_one(sender, now_ms - ask.time):
            self._metrics.machines.inc()
            log.warning("a sender seems to confirm by machine: see gate.automatic (log_level DEBUG shows the sender)")
            log.debug("gate.automatic: %s", sender)

    def _note_corrections(self, question: Question, now_ms: int) -> None:
        """Notice that a mail which passes goes to an address that an earlier one was meant for."""
        confirmations = self._store.confirmations
        recipients = [each for each in question.recipients if confirmations.is_intended(domain_of(each))]
        if not recipients:
            return
        sender = identity(question)
        to = {self._digests.pair(sender, recipient): recipient for recipient in recipients}
        mail = self._digests.mail(question)
        found = corrected(confirmations, to, protocol=question.protocol, mail=mail, now_ms=now_ms)
        for key, ask in list(found):
            self._store.put_later([corrected_record(key, now_ms, mail)])
            self._publish(question.sender, to[ask.corrects], key, ask, "corrected")

    def drop_old(self, now_ms: int) -> None:
        """Drop what no longer counts, and set the metrics."""
        confirmations = self._store.confirmations
        confirmations.drop_old(now_ms)
        for kind, number in confirmations.sizes.items():
            self._metrics.stored.labels(kind).set(number)

    def _publish(self, sender: str, recipient: str, key: AskKey, ask: Ask, outcome: AskedOutcome) -> None:
        """Publish an outcome, of a mail whose recipient has this local part. Where the same login has used another
        sender since, it is only counted: no finding of that sender has the mail that was refused."""
        self._metrics.outcomes.labels(outcome).inc()
        if outcome != "asked" and ask.sender != self._digests.sender(sender):
            return
        address, mail_id = f"{recipient.rpartition('@')[0]}@{ask.domain}", ask.mail or str(key)
        event = refused_event(sender, address, ask_id=str(key), mail_id=mail_id, asked_ms=ask.time, outcome=outcome)
        self._store.publish(event)


def _ask(question: Question, case: Case, mail: str | None, sender: str, now_ms: int) -> Ask:
    verdict = case.slip.verdict
    domain, intended, is_final = verdict.domain, verdict.intended or "", case.why in FINAL
    return Ask(now_ms, question.protocol, domain, intended, case.corrects, mail, sender, is_final)


def _new_asks(cases: Iterable[Case]) -> dict[AskKey, Ask]:
    return dict(case.ask for case in cases if case.is_new and case.ask is not None)


def _pass_all(cases: Iterable[Case], why: Fault) -> None:
    for case in cases:
        if case.is_refused:
            case.why = why
