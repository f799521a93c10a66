"""The mail servers of the rest of the world, on one port: they accept, refuse or defer by the recipient's domain."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_bytes, policy

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.broker.ports import free_ports
from tests.sources.long_logs.listener import Listener

GONE, BUSY, REFUSED_CONTENT = "gone", "busy", "virus"
"""Labels of domains: the server of one knows no recipient, that of BUSY as the first label refuses a recipient for now
and goes by the other labels afterwards, that of the last one refuses a mail's content."""
BUSY_TRIES = 2
HOST = "127.0.0.9"
"""Of this machine, but not an address at which a mail server of one's own, or its filter, is looked for."""


@dataclass(frozen=True)
class Received:
    """A mail that was accepted: its envelope, and what its header has."""

    sender: str
    recipients: tuple[str, ...]
    message_id: str
    subject: str


class Receiver(Listener):
    """Takes mail, or refuses it by its domain. `busy_tries` is how often a recipient at a busy domain is deferred, by
    the domain; BUSY_TRIES for others."""

    def __init__(self, busy_tries: Mapping[str, int] | None = None) -> None:
        super().__init__(HOST, *free_ports(1))
        self.address = f"[{HOST}]:{self.port}"
        self.received: list[Received] = []
        self.tried: Counter[str] = Counter()
        self._busy_tries = dict(busy_tries or {})

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        domain = address.rpartition("@")[2].lower()
        self.tried[address] += 1
        if domain.startswith(f"{BUSY}.") and self.tried[address] <= self._busy_tries.get(domain, BUSY_TRIES):
            return "451 4.7.1 try again later"
        if GONE in domain.split("."):
            return f"550 5.1.1 <{address}>... User unknown"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(  # noqa: N802  # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if any(REFUSED_CONTENT in to.rpartition("@")[2].split(".") for to in envelope.rcpt_tos):
            return "554 5.7.1 there is a virus in it"
        self.received.append(_received(envelope))
        return f"250 2.0.0 Ok: queued as {secrets.token_hex(5).upper()}"


def _received(envelope: Envelope) -> Received:
    content = envelope.original_content or b""
    message = message_from_bytes(content, policy=policy.default)
    sender = envelope.mail_from or ""
    return Received(
        "" if sender == "<>" else sender,
        tuple(envelope.rcpt_tos),
        str(message["Message-ID"] or "").strip(),
        str(message["Subject"] or ""),
    )
