"""What to do about a finding, by what is known of its mails' delivery, with texts that are ready to be sent or run."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from streams.events.alert_view import AlertView
from streams.events.alert_words import printable, utc
from streams.events.delivery import UNDELIVERED
from streams.events.hit import TypoHit
from streams.events.safe_text import clean
from streams.notify.letter import LetterTemplate, facts_of

IDS_TOLD = 20
LINES_TOLD = 20


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: `do` in an imperative, `why` in a sentence, and a text to copy, empty where none is needed."""

    do: str
    why: str
    text_is: str = ""
    text: str = ""

    def told(self) -> dict[str, Any]:
        """As the API tells it."""
        return asdict(self)


def advice_of(view: AlertView, mails: Sequence[TypoHit], template: LetterTemplate, contact: str) -> list[Step]:
    """The steps in order of urgency; `mails` are those that are known; the sender's letter is made from `template`,
    `contact` is whom a sender is to call."""
    if view.activity == "close":
        return [Step("Nothing is left to do", "The finding is withdrawn: its domain is an allowed one now.")]
    of = {mail.delivery for mail in mails}
    leaked = "delivered" in of or view.delivered_count > 0
    steps = []
    if "deferred" in of:
        steps.append(_queued(mails))
    if "held" in of:
        steps.append(_held(mails))
    if "unknown" in of or (not mails and not leaked):
        steps.append(_look_up(mails))
    if mails and of <= UNDELIVERED:
        steps.append(Step("Nothing needs to be called back", "Every mail that is known was refused or bounced."))
    steps += _senders(view, mails, template, contact)
    if leaked:
        steps += [_postmaster(view, mails), _owner(view), _record(view, mails)]
    return [*steps, _block(view)]


def _queued(mails: Sequence[TypoHit]) -> Step:
    ids = _ids(mails, "deferred")
    lines = [f"grep -F -e {shlex.quote(name)} /var/log/mail.log" for name in ids]
    return Step(
        "Take the queued mail out of the queue",
        "It is still on our mail server, which goes on trying: find each queue id by its message id, then delete it.",
        "commands for Postfix",
        "\n".join([*lines, "postsuper -d QUEUE_ID"]),
    )


def _held(mails: Sequence[TypoHit]) -> Step:
    return Step(
        "Remove the held mail from the gateway's quarantine",
        "It must not be released: these are its message ids.",
        "message ids",
        "\n".join(_ids(mails, "held")),
    )


def _look_up(mails: Sequence[TypoHit]) -> Step:
    return Step(
        "Find out whether it was delivered",
        "Nothing is known of the delivery: look the message ids up in the log of the mail gateway, and remove from its "
        "queue what is still there.",
        "message ids",
        "\n".join(_ids(mails, "unknown")),
    )


def _senders(view: AlertView, mails: Sequence[TypoHit], template: LetterTemplate, contact: str) -> list[Step]:
    if view.sender is None:
        senders = sorted({clean(mail.sender) for mail in mails})
        why = "Each of them is likely to write there again, from an address book or a list."
        return [Step("Tell the senders", why, "senders", "\n".join(senders[:LINES_TOLD]))] if senders else []
    recipients = [recipient for mail in mails for recipient in mail.recipients]
    letter = template.fill(facts_of(view, recipients, contact))
    return [
        Step(
            "Tell the sender",
            "They can say what the mail held, and take the address out of their contacts.",
            "mail to the sender",
            f"To: {printable(view.sender)}\nSubject: {letter.subject}\n\n{letter.text}",
        )
    ]


def _postmaster(view: AlertView, mails: Sequence[TypoHit]) -> Step:
    domain = printable(view.domain)
    ids = "\n".join(f"    {name}" for name in _ids(mails, "delivered"))
    return Step(
        "Ask the stranger's postmaster to delete it",
        "It may be a private mailbox or somebody who collects: ask once, and do not count on it.",
        "mail to the postmaster",
        f"To: postmaster@{domain}\nSubject: Mail sent to {domain} by mistake\n\n"
        f"Mail from our organisation was sent to {domain} by mistake. It was meant for another domain.\n"
        f"Please delete it unread, with all copies, and confirm that you have done so.\n\nMessage ids:\n{ids}\n",
    )


def _owner(view: AlertView) -> Step:
    whom = f"{view.owner}, who is named as the owner of that group," if view.owner else "The security contact there"
    intended = printable(view.intended)
    return Step(
        f"Tell the owner of {intended}",
        f"{whom} may have to act on what has leaked, and may own the mistyped domain, or buy it.",
        "mail to the owner",
        f"To: {view.owner or f'security@{intended}'}\nSubject: Mail meant for {intended} went to "
        f"{printable(view.domain)}\n\n{clean(view.title)}.\n{clean(view.description)}\n",
    )


def _record(view: AlertView, mails: Sequence[TypoHit]) -> Step:
    lines = [
        f"{utc(mail.time)} UTC  {clean(mail.sender)} -> {', '.join(map(clean, mail.recipients[:5]))}  {mail.delivery}  "
        f"{clean(mail.mail)}"
        for mail in mails[-LINES_TOLD:]
    ]
    head = [clean(view.title), clean(view.description), f"Finding {view.uid}, severity {view.severity.word}."]
    return Step(
        "Record the breach",
        "Personal data or marked information may have been disclosed: the time limit for a report may run from now.",
        "record",
        "\n".join([*head, "", *lines]).rstrip() + "\n",
    )


def _block(view: AlertView) -> Step:
    domain = printable(view.domain)
    return Step(
        f"Block {domain}",
        "The next mail is then returned at once, to a sender who learns why.",
        "line of a transport table of Postfix",
        f"{domain} error:5.1.2 {domain} is not {printable(view.intended)}: check the address\n",
    )


def _ids(mails: Sequence[TypoHit], delivery: str) -> list[str]:
    return [clean(mail.mail) for mail in mails if mail.delivery == delivery][-IDS_TOLD:]
