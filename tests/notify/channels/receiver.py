"""Real receivers of messages on loopback: an HTTP server, for webhooks, and an SMTP server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler
from threading import Event
from types import TracebackType
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.broker.ports import free_ports
from tests.http_server import HttpServer


class HttpReceiver(HttpServer):
    """Keeps the JSON of each accepted POST. `statuses` are the answers to come; then each is 200. While `answering` is
    cleared, requests are received and wait for their answer."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.statuses: list[int] = []
        self.answering = Event()
        self.answering.set()
        self.requests = 0
        super().__init__(self._handler())

    @property
    def url(self) -> str:
        return f"json://127.0.0.1:{self.port}/secret-path"

    @property
    def bodies(self) -> str:
        """The texts of all messages."""
        return "\n".join(f"{body['title']}\n{body['message']}" for body in self.received)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.answering.set()
        super().__exit__(kind, error, trace)

    def take(self, body: bytes) -> int:
        self.requests += 1
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 200:
            self.received.append(json.loads(body))
        self.answering.wait(60)
        return status

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                status = receiver.take(self.rfile.read(int(self.headers["Content-Length"])))
                try:
                    self.send_response(status)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except OSError:
                    return  # the client was killed

            def log_message(self, *args: object) -> None:
                return

        return Handler


class Mailbox:
    """What an SMTP server accepted."""

    def __init__(self) -> None:
        self.mails: list[Message] = []

    @property
    def bodies(self) -> str:
        """The texts of all mails."""
        return "\n".join(f"{mail['Subject']}\n{text_of(mail)}" for mail in self.mails)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.mails.append(message_from_bytes(envelope.content or b""))  # type: ignore[arg-type]
        return "250 accepted"


def text_of(mail: Message) -> str:
    """The text of a mail with one part, with plain line ends."""
    payload = mail.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode().replace("\r\n", "\n")


@contextmanager
def smtp_receiver() -> Iterator[tuple[Mailbox, int]]:
    """An SMTP server and its port."""
    mailbox, (port,) = Mailbox(), free_ports(1)
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield mailbox, port
    finally:
        controller.stop()
