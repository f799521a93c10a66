"""The texts of an alert: a title that can be understood on its own, a description, and what to do."""

import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from operator import attrgetter

from streams.counted import counted
from streams.events.finding import CLOSE, FINAL, FindingState
from streams.events.remembered import Remembered
from streams.events.safe_text import clean, clean_name

MOST_NAMED = 3
"""Mistaken domains that a title names; of more it names the first, and says how many others there are."""
_RIGHT_TO_LEFT = {"R", "AL", "AN"}
_name, _meant, _is_certain = attrgetter("domain"), attrgetter("intended"), attrgetter("certain")
_UNITS = ((86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute"))


def printable(name: str) -> str:
    """A name that is safe within the text of an alert: `clean_name`, and a right-to-left name is isolated, so that it
    can't reorder the words after it.
    """
    safe = clean_name(name)
    if safe.isascii():
        return safe
    if any(unicodedata.bidirectional(c) in _RIGHT_TO_LEFT for c in safe):
        return f"\N{FIRST STRONG ISOLATE}{safe}\N{POP DIRECTIONAL ISOLATE}"
    return safe


def title(state: FindingState) -> str:
    """One line: who sent how many mails to which mistaken domains, and for which domains they were probably meant. Of
    many it names the first, and says how many others there are."""
    where = _where(state)
    if not state.count and state.asked_count:
        whom = f" {printable(state.sender or '') or 'an unnamed sender'}" if state.group_by == "sender" else ""
        text = f"The gate asked{whom} about {counted(state.asked_count, 'mail')} to {where}"
    elif state.group_by == "sender":
        text = f"{printable(state.sender or '') or 'An unnamed sender'} sent {_number(state)} to {where}"
    else:
        text = f"{_capital(_number(state))} {'wrote' if state.counts == 'senders' else 'went'} to {where}"
    if state.peak > state.count:
        text += f" ({_least(state)}{state.peak:,} within {_span(state.end_ms - state.start_ms)})"
    text += _intended(state)
    return f"Withdrawn: {text}" if state.activity == CLOSE else text


def description(state: FindingState) -> str:
    """A few sentences: why each domain looks like a mistake, and how many mails were sent, when, and delivered."""
    sentences = [_sentence(domain.explanation) for domain in state.domains[:3] if domain.explanation]
    window, so_far = f"{utc(state.start_ms)} and {utc(state.end_ms)} UTC", "" if state.window == FINAL else ", so far"
    sentences.append(f"{_capital(_number(state))} between {window}{so_far}.")
    if state.asked_count:
        sentences.append(
            f"The gate refused {counted(state.asked_count, 'mail')} and asked the sender: "
            f"{state.confirmed_count:,} confirmed, {state.corrected_count:,} corrected."
        )
    if state.peak > state.count:
        span = _span(state.end_ms - state.start_ms)
        most = _capital(_least(state) or "at most ")
        sentences.append(f"{most}{state.peak:,} within {span}, with those of the window before.")
    if state.delivered_count:
        delivered = _capital(_least(state) + counted(state.delivered_count, "mail"))
        sentences.append(f"{delivered} {_was(state.delivered_count)} delivered.")
    if state.late:
        sentences.append("They arrived too late to be counted in their window, and are counted apart.")
    if state.activity == CLOSE:
        sentences.append("Withdrawn, because what was taken for a mistake is an allowed domain now.")
    return " ".join(sentences)


def remediation(state: FindingState) -> str:
    """What to do, depending on the delivery statuses."""
    if state.activity == CLOSE:
        return "Nothing is left to do: the finding is withdrawn."
    seen = tuple([delivery for delivery, mails in state.delivery.items() if mails])
    steps = [_mail_steps(seen, has_asked=bool(state.asked_count), has_confirmed=bool(state.confirmed_count))]
    for domain in state.domains[:3]:
        if domain.memory is not None:
            steps += _memory_steps(printable(domain.domain), domain.memory)
    return " ".join(steps)


@lru_cache(maxsize=256)
def _mail_steps(seen: tuple[str, ...], *, has_asked: bool, has_confirmed: bool) -> str:
    """What to do about the mails, of which these delivery statuses were seen."""
    steps = [step for deliveries, step in _STEPS if not deliveries.isdisjoint(seen)]
    if has_confirmed and steps in ([], [_NOT_DELIVERED]):
        steps = [_CONFIRMED]
    elif not steps and has_asked:
        steps = [_STOPPED]
    if steps != [_NOT_DELIVERED]:
        steps = [step for step in steps if step != _NOT_DELIVERED]
    return " ".join([*steps, _CORRECT])


def _memory_steps(name: str, memory: Remembered) -> Iterator[str]:
    """What to do about a domain that the memory knows."""
    if memory.established:
        yield (
            f"Mail goes both ways between you and {name}: find out who that is, and if it is a real domain of "
            f"others, add it to `allowed` in the watchlist."
        )
    elif memory.wrote_first:
        yield (
            f"Mail from {name} came before any went there: do not answer it, check the thread that it began or "
            "joined, and warn whoever was written to."
        )
    if memory.renamed:
        yield f"Ask whether {name} is a new name of the intended domain; if so, watch it or allow it."


_STOPPED = "Nothing has left: the gate stopped it, and asked the sender."
_CONFIRMED = (
    "The gate asked the sender, who sent mail again and so confirmed it: look up in the log of the mail gateway what "
    "was delivered, and ask the sender whether it was meant."
)
_NOT_DELIVERED = "Nothing was delivered, so nothing needs to be called back."
_CORRECT = "Tell the sender the right address, and take the wrong one out of address books and distribution lists."
_STEPS = (
    (
        {"delivered"},
        "Mail has been delivered to a stranger's server: ask the sender what it held, treat it as disclosed, tell "
        "those who own that information, and ask the recipient's postmaster to delete it.",
    ),
    (
        {"deferred"},
        "Mail is still queued: remove it from the outgoing queue of the mail server that tries to deliver it, before "
        "it does.",
    ),
    (
        {"held"},
        "Mail is held: remove it from the quarantine or the hold queue of the mail gateway, and do not release it.",
    ),
    (
        {"unknown"},
        "Whether mail was delivered is not known: look its message ids up in the log of the mail gateway, and remove "
        "from its queue what is still there.",
    ),
    ({"rejected", "failed"}, _NOT_DELIVERED),
)


@lru_cache(maxsize=1_000)
def utc(time_ms: int) -> str:
    """A time as `2026-07-01 09:30`; the number of ms if it is beyond the calendar (year 1 to 9999)."""
    try:
        return f"{datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=time_ms):%Y-%m-%d %H:%M}"
    except OverflowError:
        return f"{time_ms} ms"


def _number(state: FindingState) -> str:
    return _least(state) + counted(state.count, state.counts.removesuffix("s"))


def _least(state: FindingState) -> str:
    """The words before each number of a finding whose count is a minimum: the others are as well."""
    return "at least " if state.count_is_minimum else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _was(number: int) -> str:
    return "was" if number == 1 else "were"


def _where(state: FindingState) -> str:
    if not state.domains:
        return "a mistaken domain"
    if _names_all(state):
        return _listed(tuple(map(_name, state.domains)))
    others = max(state.domain_count, len(state.domains)) - 1
    return f"{printable(state.domains[0].domain)} and {counted(others, 'other mistaken domain')}"


def _names_all(state: FindingState) -> bool:
    return state.domain_count <= len(state.domains) <= MOST_NAMED


@lru_cache(maxsize=1_000)
def _listed(names: tuple[str, ...]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(names) == 1:
        return printable(names[0])
    *others, last = map(printable, names)
    return f"{', '.join(others)} and {last}"


def _intended(state: FindingState) -> str:
    domains = tuple(dict.fromkeys(map(_meant, state.domains)))
    if len(domains) != 1 and not (domains and _names_all(state)):
        return ""
    intended = _listed(domains)
    if all(map(_is_certain, state.domains)):
        return f", probably meant for {intended}"
    slips = "may be a slip" if state.domain_count == 1 else "may be slips"
    return f", which {slips} for {intended}"


def _span(length_ms: int) -> str:
    """A length in words: 24 hours, not 1 day, since it is not a calendar day."""
    for unit_ms, unit in _UNITS:
        if length_ms % unit_ms == 0 and length_ms > unit_ms:
            return counted(length_ms // unit_ms, unit)
    return counted(length_ms // 1_000, "second")


@lru_cache(maxsize=1_000)
def _sentence(text: str) -> str:
    """The text with a full stop. It gets no capital, since it may begin with a domain. Most findings are of a few
    domains, and so of a few explanations."""
    text = clean(" ".join(text.split()))
    return text if text.endswith(".") else text + "."
