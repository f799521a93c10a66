"""Compares what was read of a log with what was sent: sender, recipients and their ends, ids, subjects, times."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from streams.events.delivery import Delivery
from streams.events.mail import MailEvent
from streams.sources.source import SourceOptions
from tests.sources.long_logs.life import Mail
from tests.sources.long_logs.receiver import Received
from tests.sources.long_logs.submit import Submitted
from tests.sources.read_log import read

WHOLE_MS = 1_000
"""Logs write whole seconds."""
TICK_MS = 10
"""They are those of time(2), which may be a tick of the kernel behind the clock that the tests read."""
PICKED_UP_MS = 20_000
"""How much later a mail may be taken that a program has left in a folder."""


class Seen(NamedTuple):
    """A mail: its sender, its last delivery status by recipient, and its subject where that is logged."""

    sender: str
    ends: dict[str, Delivery]
    subject: str | None


class Found(NamedTuple):
    """What was read of a log: the mails by their message id, the time of each in ms, and what was refused at once: each
    sender and recipient."""

    mails: dict[str, Seen]
    times_ms: dict[str, int]
    refused: list[tuple[str, str]]


def found_in(events: Iterable[MailEvent]) -> Found:
    """The mails of some events. An event of a refusal may have no message id; one that is repeated counts once: Exim
    writes refusals into two logs, and both may go to syslog."""
    found = Found({}, {}, [])
    for event in {event.id: event for event in events}.values():
        delivery = event.delivery or "unknown"
        ends = delivery if isinstance(delivery, dict) else dict.fromkeys(event.recipients, delivery)
        found.refused.extend((event.sender, to) for to, end in ends.items() if end == "rejected")
        taken = {to: end for to, end in ends.items() if end != "rejected"}
        if taken:
            _add(found, event, taken)
    return found


def _add(found: Found, event: MailEvent, ends: Mapping[str, Delivery]) -> None:
    key = event.message_id or event.id
    known = found.mails.setdefault(key, Seen(event.sender, {}, None))
    assert known.sender == event.sender, (known, event)
    newer = {to: end for to, end in ends.items() if end != "unknown" or to not in known.ends}
    found.mails[key] = Seen(known.sender, known.ends | newer, known.subject or event.subject)
    found.times_ms[key] = min(event.time_ms, found.times_ms.get(key, event.time_ms))


def check(
    kind: str,
    logs: Sequence[Path],
    submitted: Sequence[Submitted],
    received: Sequence[Received],
    *,
    subjects: bool,
    options: SourceOptions | None = None,
) -> None:
    """What is read of the logs is what was sent. `subjects` is whether the mail system logs them."""
    events, problems, _ = read(kind, logs, options or SourceOptions())
    assert problems == []
    found = found_in(events)
    mails = _expected(submitted, received, found)
    wanted = {key: seen if subjects else seen._replace(subject=None) for key, seen in mails.items()}
    wrong = {key: (wanted.get(key), found.mails.get(key)) for key in wanted.keys() | found.mails.keys()}
    wrong = {key: pair for key, pair in wrong.items() if not _is_same(*pair)}
    assert not wrong, _shown(wrong)
    assert sorted(found.refused) == sorted((_sender(one), to) for one in submitted for to in one.mail.refused)
    _check_times(found, submitted)


def _expected(submitted: Sequence[Submitted], received: Sequence[Received], found: Found) -> dict[str, Seen]:
    """The mails that must be read, by message id: those that were submitted, and the reports on their failures."""
    sent = {_message_id(one, received, found): _seen(one) for one in submitted if one.mail.ends}
    reports = [mail for mail in received if not mail.sender and mail.message_id not in sent]
    assert len(reports) == sum(_is_reported(one.mail) for one in submitted)
    return sent | _keyed(reports, found)


def _keyed(reports: Sequence[Received], found: Found) -> dict[str, Seen]:
    """Reports by message id; where the log doesn't have that, by the key of one to the same recipients."""
    keyed: dict[str, Seen] = {}
    for report in reports:
        seen = Seen("", dict.fromkeys(report.recipients, "delivered"), None)
        alike = (key for key, one in found.mails.items() if one[:2] == seen[:2] and key not in keyed)
        known = report.message_id in found.mails
        keyed[report.message_id if known else next(alike, report.message_id)] = seen
    return keyed


def _is_reported(mail: Mail) -> bool:
    return mail.is_reported and bool(mail.sender) and "failed" in mail.ends.values()


def _message_id(one: Submitted, received: Sequence[Received], found: Found) -> str:
    """Its id, or that which the mail system gave it; where the log has none, that of its event."""
    made = one.mail.message_id
    if made is None:
        made = next(mail.message_id for mail in received if set(mail.recipients) <= set(one.mail.ends))
    if made and (made in found.mails or not one.mail.has_odd_id):
        return made
    return next((key for key, seen in found.mails.items() if seen.sender == _sender(one)), made)


def _seen(one: Submitted) -> Seen:
    return Seen(_sender(one), dict(one.mail.ends), one.mail.subject)


def _sender(one: Submitted) -> str:
    return one.mail.sender if one.mail.sender_read is None else one.mail.sender_read


def _is_same(wanted: Seen | None, found: Seen | None) -> bool:
    """A mail system may log the beginning of a subject."""
    if wanted is None or found is None or wanted[:2] != found[:2]:
        return False
    return wanted.subject is None or (bool(found.subject) and wanted.subject.startswith(found.subject or "?"))


def _shown(wrong: Mapping[str, tuple[Seen | None, Seen | None]]) -> str:
    return "\n".join(f"{key}\n  sent {sent}\n  read {seen}" for key, (sent, seen) in wrong.items())


def _check_times(found: Found, submitted: Sequence[Submitted]) -> None:
    for one in submitted:
        time_ms = found.times_ms.get(one.mail.message_id or "")
        if time_ms is not None:
            later_ms = PICKED_UP_MS if one.mail.how == "locally" else WHOLE_MS
            assert one.begun_ms - WHOLE_MS - TICK_MS <= time_ms <= one.done_ms + later_ms, one
