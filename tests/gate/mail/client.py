"""A mail client of a person or a program: what it is answered for each recipient."""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from email.message import EmailMessage

PASSWORD = "a pass word"  # noqa: S105  # of every user of a test
ACCEPTED = "accepted"


def submit(
    port: int,
    recipients: Sequence[str],
    *,
    sender: str = "desk@mod.example",
    login: str | None = None,
    message_id: str = "<1@mod.example>",
    headers: Sequence[tuple[str, str]] = (),
) -> dict[str, str]:
    """Submit one mail; returns the reply to each recipient, ACCEPTED where the mail was taken for it."""
    message = EmailMessage()
    message["From"], message["To"], message["Message-ID"] = "desk@mod.example", ", ".join(recipients), message_id
    for name, value in headers:
        message[name] = value
    message.set_content("Nothing of this is ever logged.\n")
    with smtplib.SMTP("127.0.0.1", port, local_hostname="desk.mod.example", timeout=60) as client:
        if login is not None:
            client.login(login, PASSWORD)
        try:
            refused = client.send_message(message, sender, list(recipients))
        except smtplib.SMTPRecipientsRefused as error:
            refused = error.recipients
        except smtplib.SMTPDataError as error:
            refused = dict.fromkeys(recipients, (error.smtp_code, _bytes(error.smtp_error)))
    texts = {recipient: f"{code} {_bytes(text).decode()}" for recipient, (code, text) in refused.items()}
    return {recipient: texts.get(recipient, ACCEPTED) for recipient in recipients}


def _bytes(text: bytes | str) -> bytes:
    return text.encode() if isinstance(text, str) else text
