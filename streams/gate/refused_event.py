"""The mail event of a mail that the gate refused, and of what its sender did then."""

from __future__ import annotations

import re

from streams.events.addresses import normalise_address
from streams.events.asked import GATE_SOURCE, AskedOutcome, labels_of
from streams.events.mail import MailEvent
from streams.gate.whose_mail import bare_sender

_SURROGATES = re.compile("[\ud800-\udfff]")


def refused_event(
    sender: str, recipient: str, *, ask_id: str, mail_id: str, asked_ms: int, outcome: AskedOutcome = "asked"
) -> MailEvent:
    """The event of a refused recipient: `delivery` rejected, label `asked`, at the time of the refusal (ms since the
    epoch). Sender and recipient are normalised, the sender without the signature that BATV adds for each mail.

    Once the sender has confirmed, or has written to the intended address, a second event of the same mail (the same
    time, recipient and Message-ID, another id) has the label `confirmed` or `corrected` too. `ask_id` names the ask of
    this sender and recipient, `mail_id` the refused mail, whose recipients may have an event each: whichever gate
    publishes an event, and however often, it is the same one. The Message-ID is made of `mail_id`, since the mail's own
    isn't known at RCPT. Bytes that aren't UTF-8, which questions have as lone surrogates, become U+FFFD, as they do in
    events of mail logs.
    """
    return MailEvent(
        id=f"{GATE_SOURCE}:{ask_id}:{outcome}",
        time=asked_ms,
        sender=_encodable(bare_sender(sender)),
        recipients=[_encodable(normalise_address(recipient))],
        message_id=f"<{mail_id}@gate.straymail>",
        delivery="rejected",
        direction="outbound",
        source=GATE_SOURCE,
        labels=labels_of(outcome),
    )


def _encodable(text: str) -> str:
    return _SURROGATES.sub("\ufffd", text)
