"""A hundred mails with all that a mail may go through, and what is to be read of each in the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from streams.events.delivery import Delivery

How = Literal["smtp", "locally"]
LONG = "Agenda for the meeting of all allied liaison officers on the third floor " * 6


@dataclass(frozen=True)
class Mail:
    """One mail, and what must be read of it: `ends` by recipient after aliases. `message_id` is None where the mail is
    sent without one. `sender_read` is the sender where it differs from the envelope's. `refused` are recipients that
    the mail system itself refuses when it is submitted: they are rejected, each for itself or all of them for what the
    mail has in it. `is_reported` is whether the sender gets a
    report where one has failed. `has_odd_id` is true for a message id that some mail systems don't log."""

    sender: str
    recipients: Sequence[str]
    ends: Mapping[str, Delivery]
    message_id: str | None
    subject: str
    how: How = "smtp"
    sender_read: str | None = None
    refused: Sequence[str] = ()
    refused_for: Literal["a recipient", "the content"] = "a recipient"
    is_reported: bool = True
    has_odd_id: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


ALIASES = {
    "allies@mod.example": "liaison@army.ml, liaison@army.mil",
    "press@mod.example": "editor@gone.ml",
    "both@mod.example": "press@mod.example, al@navy.mil",
}
REFUSED_DOMAIN = "nowhere.ml"
"""The mail system refuses this domain's recipients at once."""
Kind = Callable[[int], Mail]


def mail(number: int, ends: Mapping[str, Delivery], *to: str, **other: Any) -> Mail:
    """A mail to the recipients of `ends`, or to others that become these."""
    known: dict[str, Any] = {
        "sender": f"desk{number}@mod.example",
        "message_id": f"<{number}.{number * 7919:x}@mod.example>",
        "subject": f"Movement order {number}",
    }
    return Mail(recipients=to or tuple(ends), ends=ends, **known | other)


def plain(number: int) -> Mail:
    return mail(number, {"bob@army.ml": "delivered"})


def several(number: int) -> Mail:
    return mail(number, dict.fromkeys((f"a{number}@army.mil", f"b{number}@navy.ml", "c@af.mil"), "delivered"))


def many(number: int) -> Mail:
    ends: dict[str, Delivery] = {f"u{at}.{number}@army.mil": "delivered" for at in range(60)}
    return mail(number, ends)


def one_is_gone(number: int) -> Mail:
    return mail(number, {"a@army.mil": "delivered", f"b{number}@gone.ml": "failed"})


def all_are_gone(number: int) -> Mail:
    return mail(number, {f"a{number}@gone.ml": "failed", f"b{number}@gone.mil": "failed"})


def bad_content(number: int) -> Mail:
    return mail(number, {f"a{number}@virus.ml": "failed"})


def deferred_first(number: int) -> Mail:
    return mail(number, {f"a{number}@busy.ml": "delivered", "b@army.mil": "delivered"})


def alias(number: int) -> Mail:
    return mail(number, {"liaison@army.ml": "delivered", "liaison@army.mil": "delivered"}, "allies@mod.example")


def alias_of_alias(number: int) -> Mail:
    ends: dict[str, Delivery] = {"editor@gone.ml": "failed", "al@navy.mil": "delivered"}
    return mail(number, ends, "both@mod.example")


def refused(number: int) -> Mail:
    to = f"a{number}@{REFUSED_DOMAIN}"
    return mail(number, {}, to, refused=(to,))


def one_is_refused(number: int) -> Mail:
    to = f"a{number}@{REFUSED_DOMAIN}"
    return mail(number, {"b@army.mil": "delivered"}, to, "b@army.mil", refused=(to,))


def quoted(number: int) -> Mail:
    odd = (f'"bob smith {number}"@army.ml', '"x, to=<y@z>"@army.ml', r'"a\"b"@army.mil', '"; from=<e@f>"@navy.ml')
    return mail(number, dict.fromkeys(odd, "delivered"), sender=f'"front, desk{number}"@mod.example')


def international(number: int) -> Mail:
    ends: dict[str, Delivery] = {f"jürgen{number}@münchen.example": "delivered", "bob@army.ml": "delivered"}
    return mail(number, ends, sender=f"grüße{number}@mod.example", subject=f"Grüße aus Köln {number}")


def from_nobody(number: int) -> Mail:
    return mail(number, {f"desk{number}@mod.example": "delivered"}, sender="")


def without_message_id(number: int) -> Mail:
    return mail(number, {f"none{number}@army.ml": "delivered"}, message_id=None)


def long_message_id(number: int) -> Mail:
    message_id = f"<{'long.' * 60}{number}@mod.example>"
    return mail(number, {"bob@army.ml": "delivered"}, message_id=message_id, has_odd_id=True)


def odd_message_id(number: int) -> Mail:
    message_id = f"<a=b, to=<c@d>, status=sent {number}@mod.example>"
    return mail(number, {"bob@army.ml": "delivered"}, message_id=message_id, has_odd_id=True)


def long_subject(number: int) -> Mail:
    return mail(number, {"bob@army.ml": "delivered"}, subject=f"{number} {LONG}".strip())


def long_foreign_subject(number: int) -> Mail:
    return mail(number, {"bob@army.ml": "delivered"}, subject=f"{number} " + "Übungsgelände für Köln " * 12 + "Ende")


def foreign_subject(number: int) -> Mail:
    return mail(number, {"bob@army.ml": "delivered"}, subject=f"{number} " + "Übungsgelände für Köln " * 3 + "Ende")


def quoting_subject(number: int) -> Mail:
    subject = f'{number} T="x" id=<y@z> from localhost[127.0.0.1]; from=<evil@army.ml> to=<x@y.z> proto=ESMTP helo=<h>'
    return mail(number, {"bob@army.ml": "delivered"}, subject=subject)


def signed(number: int) -> Mail:
    read = f"desk{number}@mod.example"
    return mail(number, {"bob@army.ml": "delivered"}, sender=f"prvs=2345a1b2c3={read}", sender_read=read)


def forwarded(number: int) -> Mail:
    sender = f"SRS0=HhHh=TT=other.example=jo{number}@mod.example"
    return mail(number, {"bob@army.ml": "delivered"}, sender=sender, sender_read=f"jo{number}@other.example")


def of_a_list(number: int) -> Mail:
    sender = f"news{number}+bob=army.ml@mod.example"
    return mail(number, {"bob@army.ml": "delivered"}, sender=sender, sender_read=f"news{number}@mod.example")


def by_a_program(number: int) -> Mail:
    return mail(number, {f"cron{number}@army.ml": "delivered", "b@navy.mil": "delivered"}, how="locally")


def in_capitals(number: int) -> Mail:
    return mail(number, {f"bob{number}@army.ml": "delivered"}, f"bob{number}@ARMY.ML")


def twice(number: int) -> Mail:
    to = f"bob+x{number}=y@army.ml"
    return mail(number, {to: "delivered"}, to, to)


def literal(number: int) -> Mail:
    return mail(number, {f"ops{number}@[192.0.2.9]": "delivered"})


def thrown_away(number: int) -> Mail:
    """Where the mail system or its filter throws away what is for this domain."""
    return mail(number, {f"a{number}@trash.ml": "failed"}, is_reported=False)


def refused_content(number: int) -> Mail:
    """Where a filter is asked before the mail is accepted."""
    to = f"a{number}@worm.ml"
    return mail(number, {}, to, refused=(to,), refused_for="the content")


def gone_later(number: int) -> Mail:
    return mail(number, {f"a{number}@busy.gone.ml": "failed", "b@army.mil": "delivered"})


def expires(number: int) -> Mail:
    """Where the receiver refuses this domain for ever, and the mail system gives up early."""
    return mail(number, {f"a{number}@busy.forever.ml": "failed", "b@army.mil": "delivered"})


def tried_ninety_times(number: int) -> Mail:
    """Where the receiver refuses this domain so often."""
    return mail(number, {f"a{number}@busy.ninety.ml": "delivered"})


def held(number: int) -> Mail:
    """Where the mail system holds such mail."""
    return _on_hold("held", number, "held")


def deleted(number: int) -> Mail:
    return _on_hold("deleted", number, "held")


def released(number: int) -> Mail:
    return _on_hold("released", number, "delivered")


def requeued(number: int) -> Mail:
    return _on_hold("requeued", number, "delivered")


def _on_hold(name: str, number: int, end: Delivery) -> Mail:
    """A mail that is held; what somebody does with it then is in its sender's name."""
    return mail(number, {"bob@army.ml": end}, sender=f"{name}{number}@mod.example", headers={"X-Hold": "yes"})


KINDS: tuple[Kind, ...] = (
    plain, several, many, one_is_gone, all_are_gone, bad_content, deferred_first, alias, alias_of_alias, refused,
    one_is_refused, quoted, international, from_nobody, without_message_id, long_message_id, odd_message_id,
    long_subject, long_foreign_subject, foreign_subject, quoting_subject, signed, forwarded, of_a_list, by_a_program,
    in_capitals, twice, literal,
)  # fmt: skip
HUNDRED = 100


def hundred(left_out: Sequence[Kind] = (), more: Sequence[Kind] = ()) -> list[Mail]:
    """A hundred mails, of each kind in turn."""
    kinds = [kind for kind in (*KINDS, *more) if kind not in left_out]
    return [kinds[number % len(kinds)](number) for number in range(1, HUNDRED + 1)]
