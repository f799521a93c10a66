"""Weighs a verdict by what the memory recalls: how the score changes, and the words for it."""

from __future__ import annotations

from collections.abc import Iterator

from streams.counted import counted
from streams.detection.recall import MEMORY_DAYS, Recalled
from streams.domains.context import add_log_odds
from streams.domains.same_person import is_suffix_slip, same_person
from streams.domains.thresholds import Thresholds
from streams.domains.verdict import Verdict
from streams.events.addresses import normalise_address
from streams.events.privacy import Privacy
from streams.events.safe_text import clean

ESTABLISHED = -4.0
"""Log-odds of an established correspondent, set by judgement. Whatever the memory knows, no score falls below the
threshold by it: whoever owns a look-alike can write in daily, and answer the mail that strays to it."""
STRANGER = -2.5
"""Log-odds of a name that nobody is known by at the intended domain, set by people's slips: where the recipient is not
known, four of five names one keystroke from a popular one are real."""
BELOW_CERTAIN = 0.01
"""How far below the threshold of certainty a score is kept that mustn't be certain."""


def weigh_memory(verdict: Verdict, recalled: Recalled, thresholds: Thresholds, *, lowest: float | None) -> Verdict:
    """The verdict with the log-odds of the memory. A listed mistake stays as it is.

    A score of at least `lowest` doesn't fall below it; None where it must not fall at all, since the intended domain's
    group has a minimum severity.
    """
    if not 0 < verdict.score < 1:
        return verdict
    facts, slip = recalled.facts, verdict.slip or ""
    score = verdict.score
    if facts.known_to is not None and (by_person := same_person(slip, by_sender=facts.known_to == "sender")):
        raised = add_log_odds(score, by_person)
        score = max(score, min(raised, _doubtful(thresholds))) if facts.renamed else raised
    elif lowest is not None and score >= lowest and not is_suffix_slip(slip):
        score = max(_lowered(score, recalled, thresholds), lowest)
    return verdict._replace(score=score, typo=score >= thresholds.typo, certain=score >= thresholds.certain)


def _lowered(score: float, recalled: Recalled, thresholds: Thresholds) -> float:
    if recalled.is_stranger:
        score = add_log_odds(score, STRANGER)
    return min(add_log_odds(score, ESTABLISHED), _doubtful(thresholds)) if recalled.facts.established else score


def _doubtful(thresholds: Thresholds) -> float:
    return max(thresholds.typo, thresholds.certain - BELOW_CERTAIN)


def words(verdict: Verdict, recalled: Recalled, sender: str, privacy: Privacy) -> Iterator[str]:
    """What the memory recalls, in clauses for the explanation. Addresses are as the privacy settings allow."""
    facts = recalled.facts
    if recalled.person is not None:
        yield _person_words(recalled, verdict.intended or "", sender, privacy)
    elif recalled.is_stranger:
        yield f"nobody of this name is known at {verdict.intended}"
    if facts.established:
        yield (
            f"mail was exchanged with {verdict.domain} for weeks (out on {counted(facts.days_out, 'day')}, in on "
            f"{counted(facts.days_in, 'day')}), between several people: if it is a real domain of others, allow it"
        )
    elif facts.wrote_first:
        yield (
            f"{verdict.domain} wrote first: mail came in from there on {counted(facts.days_in, 'day')}, and before any "
            "went out"
        )
    elif not facts.days_in and facts.memory_days >= MEMORY_DAYS:
        yield f"nobody at {verdict.domain} has written to you in {counted(facts.memory_days, 'day')} of memory"
    if facts.renamed:
        yield (
            f"several people of {verdict.intended} have turned up at {verdict.domain}, and mail came in from there: "
            "see whether it was renamed"
        )


def _person_words(recalled: Recalled, intended: str, sender: str, privacy: Privacy) -> str:
    facts = recalled.facts
    whole = privacy.recipient == "whole"
    person = clean(f"{recalled.person}@{intended}") if whole else f"the same name at {intended}"
    days = f", with mail on {counted(facts.person_days, 'day')}" if facts.person_days else ""
    if facts.known_to == "colleague":
        return f"{person} is known to colleagues{days}"
    who = clean(normalise_address(sender)) if privacy.sender == "whole" else "this sender"
    return f"{who} has written to {person}{days}"
