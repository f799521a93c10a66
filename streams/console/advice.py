"""What to do about a finding, depending on the delivery status of its mails, with texts ready to be sent or run."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from streams.counted import counted
from streams.events.alert_view import AlertView
from streams.events.alert_words import utc
from streams.events.delivery import UNDELIVERED
from streams.events.hit import TypoHit
from streams.events.safe_text import clean, clean_name
from streams.notify.letter import LetterTemplate, facts_of

IDS_SHOWN = 20
LINES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: `do` as an imperative, `why` as a sentence, and a text to copy with its name, `text_is`."""

    do: str
    why: str
    text_is: str = ""
    text: str = ""

    def as_json(self) -> dict[str, Any]:
        """The step as the API returns it."""
        return asdict(self)


def advice_of(view: AlertView, mails: Sequence[TypoHit], template: LetterTemplate, contact: str) -> list[Step]:
    """The steps in order of urgency. `mails` are the finding's known mails, without those that the gate stopped;
    `template` makes the letter to the sender, who is to call `contact`."""
    if view.activity == "close":
        return [Step("Nothing is left to do", "The finding was withdrawn: its domain is allowed now.")]
    if not view.count and view.asked.asked:
        first = (
            [_confirmed(view), *_senders(view, mails, template, contact)] if view.asked.confirmed else [_stopped(view)]
        )
        return [*first, _block(view)]
    statuses = {mail.delivery for mail in mails}
    leaked = "delivered" in statuses or view.delivered_count > 0
    steps = []
    if "deferred" in statuses:
        steps.append(_deferred(mails))
    if "held" in statuses:
        steps.append(_held(mails))
    if "unknown" in statuses or (not mails and not leaked):
        steps.append(_look_up(mails))
    if mails and statuses <= UNDELIVERED:
        none = Step("Nothing needs to be recalled", "Every known mail was refused or bounced.")
        steps.append(_confirmed(view) if view.asked.confirmed else none)
    steps += _senders(view, mails, template, contact)
    if leaked:
        steps += [_postmaster(view, mails), _owner(view), _record(view, mails)]
    return [*steps, _block(view)]


def _stopped(view: AlertView) -> Step:
    return Step("Nothing needs to be recalled", _what_came_of_it(view))


def _confirmed(view: AlertView) -> Step:
    return Step(
        "Find out whether what was confirmed was delivered",
        f"{_what_came_of_it(view)} Confirmed mail is let through: look it up in the log of the mail gateway.",
    )


def _what_came_of_it(view: AlertView) -> str:
    asked = view.asked
    return (
        f"The gate refused {counted(asked.asked, 'mail')} and asked the sender: {asked.confirmed:,} confirmed, "
        f"{asked.corrected:,} corrected."
    )


def _deferred(mails: Sequence[TypoHit]) -> Step:
    ids = _ids(mails, "deferred")
    lines = [f"grep -F -e {shlex.quote(name)} /var/log/mail.log" for name in ids]
    return Step(
        "Delete the deferred mail from the queue",
        "It is still on our mail server, which keeps retrying: find each queue id by its message id, then delete it.",
        "commands for Postfix",
        "\n".join([*lines, "postsuper -d QUEUE_ID"]),
    )


def _held(mails: Sequence[TypoHit]) -> Step:
    return Step(
        "Remove the held mail from the gateway's quarantine",
        "It must not be released. These are its message ids.",
        "message ids",
        "\n".join(_ids(mails, "held")),
    )


def _look_up(mails: Sequence[TypoHit]) -> Step:
    return Step(
        "Find out whether it was delivered",
        "The delivery status is unknown: look up the message ids in the log of the mail gateway, and delete from its "
        "queue what is still there.",
        "message ids",
        "\n".join(_ids(mails, "unknown")),
    )


def _senders(view: AlertView, mails: Sequence[TypoHit], template: LetterTemplate, contact: str) -> list[Step]:
    if view.sender is None:
        senders = sorted({clean(mail.sender) for mail in mails})
        why = "They are likely to write there again, from an address book or a distribution list."
        return [Step("Tell the senders", why, "senders", "\n".join(senders[:LINES_SHOWN]))] if senders else []
    recipients = [recipient for mail in mails for recipient in mail.recipients]
    letter = template.fill(facts_of(view, recipients, contact))
    return [
        Step(
            "Tell the sender",
            "They know what the mail contained, and can remove the address from their contacts.",
            "mail to the sender",
            f"To: {clean_name(view.sender)}\nSubject: {letter.subject}\n\n{letter.text}",
        )
    ]


def _postmaster(view: AlertView, mails: Sequence[TypoHit]) -> Step:
    domain = clean_name(view.domain)
    ids = "\n".join(f"    {name}" for name in _ids(mails, "delivered"))
    return Step(
        f"Ask the postmaster of {domain} to delete it",
        "Its owner may be a private person, or may collect such mail on purpose: ask once, but don't count on it.",
        "mail to the postmaster",
        f"To: postmaster@{domain}\nSubject: Mail sent to {domain} by mistake\n\n"
        f"Mail from our organisation was sent to {domain} by mistake. It was meant for another domain.\n"
        f"Please delete it and all copies unread, and confirm that you have done so.\n\nMessage ids:\n{ids}\n",
    )


def _owner(view: AlertView) -> Step:
    owner = clean(view.owner or "")
    whom = f"{owner}, the owner of that watchlist group," if owner else "The security contact there"
    intended = clean_name(view.intended)
    return Step(
        f"Tell the owner of {intended}",
        f"{whom} may have to respond to the leak, and may own the mistyped domain or want to buy it.",
        "mail to the owner",
        f"To: {owner or f'security@{intended}'}\nSubject: Mail meant for {intended} went to "
        f"{clean_name(view.domain)}\n\n{clean(view.title)}.\n{clean(view.description)}\n",
    )


def _record(view: AlertView, mails: Sequence[TypoHit]) -> Step:
    lines = [
        f"{utc(mail.time)} UTC  {clean(mail.sender)} -> {', '.join(map(clean, mail.recipients[:5]))}  {mail.delivery}  "
        f"{clean(mail.mail)}"
        for mail in mails[-LINES_SHOWN:]
    ]
    head = [clean(view.title), clean(view.description), f"Finding {clean(view.uid)}, severity {view.severity.word}."]
    return Step(
        "Record the breach",
        "Personal data or marked information may have been disclosed: the deadline for reporting it may start now.",
        "record",
        "\n".join([*head, "", *lines]).rstrip() + "\n",
    )


def _block(view: AlertView) -> Step:
    domain = clean_name(view.domain)
    return Step(
        f"Block {domain}",
        "The next mail to it is then returned at once, and its sender learns why.",
        "line for Postfix's transport table",
        f"{domain} error:5.1.2 {domain} is not {clean_name(view.intended)}: check the address\n",
    )


def _ids(mails: Sequence[TypoHit], delivery: str) -> list[str]:
    return [clean(mail.mail) for mail in mails if mail.delivery == delivery][-IDS_SHOWN:]
