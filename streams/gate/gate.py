"""The gate itself: judges a question by the watchlist, the memory, and what its sender was asked before."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Mapping

from streams import clock
from streams.detection.detector import SLICE_RECIPIENTS
from streams.events.addresses import domain_of
from streams.gate.answer_counts import AnswerCounts
from streams.gate.case import FINAL, Case, hold_back
from streams.gate.decide import Known, rule
from streams.gate.digests import GateDigests
from streams.gate.find_slips import FoundSlip, SlipFinder
from streams.gate.inputs import GateRules
from streams.gate.loop_stalls import LoopStalls
from streams.gate.question import Answer, Deliver, GateProtocol, Question, Why
from streams.gate.settle import Settler
from streams.gate.store import DecisionStore
from streams.gate.whose_mail import identity
from streams.gate.would_ask import WouldAsk
from streams.metrics import GateMetrics

log = logging.getLogger(__name__)


class Gate:
    """Answers questions. Where it can't judge, or can't store that it asked, the mail passes, and that is counted."""

    def __init__(
        self,
        rules: GateRules,
        slips: SlipFinder,
        store: DecisionStore,
        digests: GateDigests,
        metrics: GateMetrics,
        now_ms: Callable[[], int],
    ) -> None:
        """`now_ms` gives the present (ms since the epoch)."""
        self._rules, self._slips, self._digests, self._now_ms = rules, slips, digests, now_ms
        self._confirmations = store.confirmations
        self._would_ask, self._metrics = WouldAsk(), metrics
        self._settler, self._counts = Settler(store, digests, metrics), AnswerCounts(metrics)
        self.stalls = LoopStalls()
        """Has to run beside the gate: what waited too long before it was read passes."""

    def use(self, rules: GateRules) -> None:
        """Answer by these rules from now on."""
        self._rules = rules

    async def ask(self, question: Question, deliver: Deliver) -> None:
        """See `Gatekeeper.ask`."""
        begin_s, now_ms = clock.monotonic() - self.stalls.waited_s(), self._now_ms()
        cases: dict[str, Case] = {}
        try:
            why = await self._settle(question, cases, now_ms, begin_s + self._rules.deadline_ms / 1000)
            answers = self._answers(question, cases) if why is None else passing(question, why)
        except Exception:  # whatever it is, no fault of the gate's own stops mail
            log.exception("unexpected error, please report it: the mail passes")
            answers = passing(question, "error")
        is_delivered = deliver(answers)
        self._counts.add(question.protocol, answers, clock.monotonic() - begin_s)
        refused = {answer.recipient for answer in answers if answer.action == "refuse"} if is_delivered else set[str]()
        self._note(question, cases.values(), refused, now_ms)

    def let_pass(self, protocol: GateProtocol, recipients: int) -> None:
        """See `Gatekeeper.let_pass`."""
        self._counts.add_too_big(protocol, recipients)

    async def maintain(self) -> None:
        """Drop what is too old, report faults and set the metrics."""
        self._settler.drop_old(self._now_ms())
        self._slips.measure()
        self._counts.report()

    async def _settle(self, question: Question, cases: dict[str, Case], now_ms: int, until_s: float) -> Why | None:
        """Find the cases, by recipient, and store what they lead to; why all recipients pass, None where they don't."""
        why = self._rules.persons.why_not(question) or self._slips.problem
        if why is not None:
            return why
        if clock.monotonic() >= until_s:  # it waited too long before it was read
            return "deadline"
        slips = await self._slips.find(question, now_ms, until_s)
        if slips is None:
            return "deadline"
        if slips:
            found = await self._cases(question, slips, now_ms, until_s)
            if found is None:
                return "deadline"
            cases |= found
            if question.protocol != "http":  # which only advises
                self._count_would_ask(question, cases.values(), now_ms)
                hold_back(list(cases.values()))
                await self._settler.settle(question, list(cases.values()), now_ms, until_s)
        return None

    def _note(self, question: Question, cases: Collection[Case], refused: Collection[str], now_ms: int) -> None:
        """Note what came of a question once the refusals of these recipients were delivered."""
        if question.protocol == "http":
            return
        try:
            self._settler.note(question, cases, refused, now_ms)
        except Exception:  # the answer is on its way
            log.exception("unexpected error, please report it: what came of a mail is not counted")

    def _answers(self, question: Question, cases: Mapping[str, Case]) -> list[Answer]:
        return [self._answer(question, recipient, cases.get(recipient)) for recipient in question.recipients]

    async def _cases(
        self, question: Question, slips: Mapping[str, FoundSlip], now_ms: int, until_s: float
    ) -> dict[str, Case] | None:
        """The cases by recipient; None where `until_s` has passed before all are known. Others are answered between."""
        sender, mail = identity(question), self._digests.mail(question)
        cases: dict[str, Case] = {}
        for number, recipient in enumerate(question.recipients, 1):
            slip = slips.get(domain_of(recipient))
            if slip is not None:
                cases[recipient] = self._case(question, recipient, slip, sender, mail, now_ms)
            if number % SLICE_RECIPIENTS == 0:
                await asyncio.sleep(0)
                if clock.monotonic() >= until_s:
                    return None
        return cases

    def _case(
        self, question: Question, recipient: str, slip: FoundSlip, sender: str, mail: str | None, now_ms: int
    ) -> Case:
        local, verdict = recipient.rpartition("@")[0], slip.verdict
        pair = self._digests.pair(sender, f"{local}@{verdict.domain}")
        corrects = self._digests.pair(sender, f"{local}@{verdict.intended}")
        table, protocol = self._confirmations, question.protocol
        ask = table.open_ask(pair, protocol, now_ms, mail=mail)
        known = Known(
            table.is_confirmed(pair, now_ms),
            ask is not None,
            table.was_refused(pair, mail),
            table.last_refused_ms(pair),
        )
        why, confirms = rule(question, slip.certainty, known, self._rules.policy, now_ms=now_ms)
        if why in FINAL:
            ask = table.open_ask(pair, protocol, now_ms, mail=mail, is_final=True)
        return Case(recipient, slip, pair, corrects, ask, why, confirms)

    def _count_would_ask(self, question: Question, cases: Iterable[Case], now_ms: int) -> None:
        for case in cases:
            if case.why == "audit" and self._would_ask.is_new(case.pair, now_ms):
                self._metrics.would_ask.labels(question.protocol).inc()

    def _answer(self, question: Question, recipient: str, case: Case | None) -> Answer:
        if case is None:
            return Answer(recipient, "pass", "no-slip")
        verdict = case.slip.verdict
        log.debug("%s over %s: %s: %s", case.why, question.protocol, recipient, verdict.explanation)
        reply = self._reply(case) if case.is_refused or question.protocol == "http" else None
        return Answer(recipient, "refuse" if case.is_refused else "pass", case.why, reply, verdict)

    def _reply(self, case: Case) -> str:
        rules, domain, intended = self._rules, case.slip.verdict.domain, case.slip.verdict.intended or ""
        if case.why in FINAL:
            return rules.reply.final(domain, intended)
        return rules.reply.confirmable(domain, intended, rules.policy.wait_ms)


def passing(question: Question, why: Why) -> list[Answer]:
    """The answers by which every recipient passes."""
    return [Answer(recipient, "pass", why) for recipient in question.recipients]
