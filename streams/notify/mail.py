"""The mail that carries a letter, made so that no machine answers it (RFC 3834)."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from streams.events.addresses import domain_of
from streams.notify.letter import Letter


def mail_of(letter: Letter, *, sender: str, recipient: str, finding: str, now_ms: int) -> EmailMessage:
    """The mail; its Message-ID follows from the finding, so that a second copy would be seen to be one."""
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
