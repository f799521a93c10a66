"""A content filter as amavis is one: it takes a mail by SMTP and sends it back to the mail system, on another port, or
throws it away."""

from __future__ import annotations

import asyncio
import secrets
import smtplib

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.broker.ports import free_ports
from tests.sources.long_logs.listener import Listener

HOST = "127.0.0.1"
THROWN_AWAY, REFUSED = "trash.ml", "worm.ml"
"""Domains whose mail the filter throws away with a reply that says so, and refuses."""


class ContentFilter(Listener):
    """Sends mail on to `back_port`."""

    def __init__(self) -> None:
        port, self.back_port = free_ports(2)
        super().__init__(HOST, port)

    async def handle_DATA(  # noqa: N802  # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        identity = secrets.token_hex(4)
        if any(to.endswith(f"@{THROWN_AWAY}") for to in envelope.rcpt_tos):
            return f"250 2.7.0 Ok, discarded, id={identity} - INFECTED: Eicar-Test-Signature"
        if any(to.endswith(f"@{REFUSED}") for to in envelope.rcpt_tos):
            return f"554 5.7.0 Reject, id={identity} - INFECTED: Eicar-Test-Signature"
        answer = await asyncio.to_thread(self._send_back, envelope)
        return f"250 2.0.0 from MTA(smtp:[{HOST}]:{self.back_port}): {answer}"

    def _send_back(self, envelope: Envelope) -> str:
        """The mail system's answer."""
        sender = "" if envelope.mail_from == "<>" else envelope.mail_from
        options = " SMTPUTF8" if envelope.smtp_utf8 else ""
        with smtplib.SMTP(HOST, self.back_port, local_hostname="localhost", timeout=60) as client:
            client.command_encoding = "utf-8"
            client.ehlo()
            assert client.docmd(f"MAIL FROM:<{sender}>{options}")[0] == 250
            for to in envelope.rcpt_tos:
                assert client.docmd(f"RCPT TO:<{to}>")[0] == 250
            code, answer = client.data(envelope.original_content or b"")
            assert code == 250, answer
            return f"{code} {answer.decode()}"
