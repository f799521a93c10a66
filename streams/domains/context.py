"""Context: what the rest of a mail says for a slip."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from math import log

from streams.domains.match.model import probability

RECIPIENT_TOO = 3.0
SAME_LOCAL_PART = 2.0
SENDERS_OWN = 2.0
"""Log-odds, set by judgement and not fitted, since no public mail has them: each is named in the explanation."""
ALL_TOGETHER = RECIPIENT_TOO + SAME_LOCAL_PART + SENDERS_OWN


def context_evidence(
    domain: str, intended: str, sender_domain: str | None, recipients: Mapping[str, Set[str]]
) -> Iterator[tuple[float, str]]:
    """Log-odds with the words for them. `recipients` maps each domain of the mail's recipients to their local parts."""
    beside = recipients.get(intended)
    if beside is not None:
        yield RECIPIENT_TOO, f"{intended} is among the recipients too"
        if not beside.isdisjoint(recipients.get(domain, ())):
            yield SAME_LOCAL_PART, "with the same name before the @"
    if sender_domain is not None and (sender_domain == intended or intended.endswith(f".{sender_domain}")):
        yield SENDERS_OWN, f"{sender_domain} is the sender's own domain"


def raised(score: float, log_odds: float) -> float:
    """A score in 0..1 with log-odds added; 0 and 1 stay."""
    if not 0 < score < 1:
        return score
    return probability(log(score / (1 - score)) + log_odds)
