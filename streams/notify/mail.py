"""Builds the mail that carries a letter, marked so that no machine replies to it (RFC 3834)."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from streams.events.addresses import domain_of
from streams.notify.letter import Letter


def mail_of(letter: Letter, *, sender: str, recipient: str, finding: str, now_ms: int) -> EmailMessage:
    """The mail. Its Message-ID is derived from the finding, so that a second copy would be recognised as one."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = recipient
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(datetime.fromtimestamp(now_ms / 1000, tz=UTC))
    mail["Message-ID"] = f"<straymail-{finding}@{domain_of(sender)}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["Precedence"] = "bulk"
    mail.set_content(letter.text)
    return mail
