"""Context: how the other recipients and the sender of a mail change a score."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from math import log

from streams.domains.match.model import probability

RECIPIENT_TOO = 3.0
SAME_LOCAL_PART = 2.0
SENDERS_OWN = 2.0
"""Log-odds, set by judgement: there is no public mail to fit them to. The explanation names each one that counts."""
ALL_CONTEXT = RECIPIENT_TOO + SAME_LOCAL_PART + SENDERS_OWN


def context_evidence(
    domain: str, intended: str, sender_domain: str | None, recipients: Mapping[str, Set[str]]
) -> Iterator[tuple[float, str]]:
    """Log-odds, each with its words for the explanation. `recipients` maps each recipient domain to its local parts."""
    at_intended = recipients.get(intended)
    if at_intended is not None:
        yield RECIPIENT_TOO, f"{intended} is among the recipients too"
        if not at_intended.isdisjoint(recipients.get(domain, ())):
            yield SAME_LOCAL_PART, "with the same name before the @"
    if sender_domain is not None and (sender_domain == intended or intended.endswith(f".{sender_domain}")):
        yield SENDERS_OWN, f"{sender_domain} is the sender's own domain"


def add_log_odds(score: float, log_odds: float) -> float:
    """A score in 0..1 with log-odds added; 0 and 1 stay as they are."""
    if not 0 < score < 1:
        return score
    return probability(log(score / (1 - score)) + log_odds)
