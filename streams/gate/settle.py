"""Stores what a question leads to before it is answered, and publishes it."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence

from streams import clock
from streams.events.addresses import domain_of
from streams.events.asked import AskedOutcome
from streams.gate.case import Case
from streams.gate.confirmations import (
    MOST,
    Ask,
    AskKey,
    StoredRecord,
    asked_record,
    confirmed_record,
    corrected_record,
    withdrawn_record,
)
from streams.gate.digests import GateDigests
from streams.gate.outcome import Machines, corrected
from streams.gate.question import Question
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
        self._last_refused: OrderedDict[str, int] = OrderedDict()

    def last_refused_ms(self, pair: str) -> int | None:
        """When this gate last refused the pair of sender and recipient; None where it hasn't lately."""
        return self._last_refused.get(pair)

    async def settle(self, question: Question, cases: Sequence[Case], now_ms: int, until_s: float) -> None:
        """Store what is asked and confirmed before `until_s`, of the monotonic clock; where that fails, no case stays
        refused."""
        if self._store.problem is not None:
            _pass_all(cases)
        mail, sender = self._digests.mail(question), self._digests.sender(question.sender)
        asks = {
            case.key: _ask(question, case, mail, sender, now_ms)
            for case in cases
            if case.is_refused and case.ask is None
        }
        confirmed = [confirmed_record(case.pair, now_ms) for case in cases if case.confirms]
        records = [*(asked_record(key, ask) for key, ask in asks.items()), *confirmed]
        if records and not await self._stored(records, until_s):
            self._store.put_later([*map(withdrawn_record, asks), *confirmed])
            _pass_all(cases)
        for case in cases:
            if case.is_refused:
                self._note_refusal(question, case, asks, now_ms)
            elif case.confirms and case.ask is not None:
                self._note_confirmation(question, case, case.ask, now_ms)

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

    def _note_refusal(self, question: Question, case: Case, asks: Mapping[AskKey, Ask], now_ms: int) -> None:
        self._last_refused.pop(case.pair, None)
        self._last_refused[case.pair] = now_ms
        if len(self._last_refused) > MOST:
            self._last_refused.popitem(last=False)
        if (ask := asks.get(case.key)) is not None:
            self._publish(question.sender, case.recipient, case.key, ask, "asked")

    def _note_confirmation(self, question: Question, case: Case, ask: Ask, now_ms: int) -> None:
        self._publish(question.sender, case.recipient, case.key, ask, "confirmed")
        sender = identity(question)
        if question.protocol == "policy" and self._machines.seems_one(sender, now_ms - ask.time):
            self._metrics.machines.inc()
            log.warning("a sender seems to confirm by machine: see gate.automatic (log_level DEBUG shows the sender)")
            log.debug("gate.automatic: %s", sender)

    def note_corrections(self, question: Question, now_ms: int) -> None:
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
            self._store.put_later([corrected_record(key, now_ms)])
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
    return Ask(now_ms, question.protocol, verdict.domain, verdict.intended or "", case.corrects, mail, sender)


def _pass_all(cases: Iterable[Case]) -> None:
    for case in cases:
        if case.is_refused:
            case.why = "store"
