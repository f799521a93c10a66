"""Submits a mail as a client or a program does, byte by byte: libraries would quote, fold and refuse what is odd."""

from __future__ import annotations

import os
import smtplib
import socket
import subprocess
from collections.abc import Mapping, Sequence
from email.header import Header
from io import BufferedRWPair
from typing import BinaryIO, NamedTuple

from streams.clock import now_ms
from tests.sources.long_logs.life import Mail

CLIENT = "desk.mod.example"


class Submitted(NamedTuple):
    """A mail, and the times in ms since the epoch between which it was submitted."""

    mail: Mail
    begun_ms: int
    done_ms: int


def submit(port: int, mail: Mail) -> Submitted:
    """Submit by SMTP; what is refused must be what the mail says is."""
    begun_ms = now_ms()
    with smtplib.SMTP("127.0.0.1", port, local_hostname=CLIENT, timeout=60) as client:
        client.command_encoding = "utf-8"
        client.ehlo()
        options = "" if f"{mail.sender}{mail.recipients}".isascii() else " SMTPUTF8"
        assert client.docmd(f"MAIL FROM:<{mail.sender}>{options}")[0] == 250
        replies = {to: client.docmd(f"RCPT TO:<{to}>") for to in mail.recipients}
        refused = {to: reply for to, reply in replies.items() if reply[0] not in (250, 251)}
        is_for_content = mail.refused_for == "the content"
        assert set(refused) == (set() if is_for_content else set(mail.refused)), refused
        if len(refused) < len(replies):
            code, reply = client.data(content(mail).replace(b"\n", b"\r\n"))
            assert code == (554 if is_for_content else 250), (mail, reply)
    return Submitted(mail, begun_ms, now_ms())


def submit_too_early(port: int, mail: Mail) -> Submitted:
    """Talk before the server does, as robots do; it refuses every recipient for that."""
    begun_ms = now_ms()
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection, connection.makefile("rwb") as file:
        commands = [f"EHLO {CLIENT}", f"MAIL FROM:<{mail.sender}>", *(f"RCPT TO:<{to}>" for to in mail.recipients)]
        replies = [_say(file, command) for command in ("NOOP", *commands)]
        assert [reply[:3] for reply in replies[-len(mail.recipients) :]] == [b"550"] * len(mail.refused)
        _say(file, "QUIT")
    return Submitted(mail, begun_ms, now_ms())


def _say(file: BinaryIO | BufferedRWPair, command: str) -> bytes:
    """The last line of the reply to a command; to the first one it is the greeting."""
    file.write(f"{command}\r\n".encode())
    file.flush()
    while (line := file.readline())[3:4] == b"-":
        pass
    return line


def submit_locally(command: Sequence[str], environment: Mapping[str, str], mail: Mail) -> Submitted:
    """Hand over by a sendmail(1)."""
    begun_ms = now_ms()
    whole = [*command, "-i", "-f", mail.sender, *mail.recipients]
    subprocess.run(whole, input=content(mail), env=os.environ | environment, check=True, capture_output=True)
    return Submitted(mail, begun_ms, now_ms())


def content(mail: Mail) -> bytes:
    """The mail's header and a body."""
    subject = mail.subject if mail.subject.isascii() else Header(mail.subject, "utf-8", header_name="Subject").encode()
    fields = {"From": "desk@mod.example", "To": "undisclosed-recipients:;", "Subject": subject, **mail.headers}
    if mail.message_id is not None:
        fields["Message-ID"] = mail.message_id
    header = "".join(f"{name}: {value}\n" for name, value in fields.items())
    return f"{header}\nNothing of this is ever logged.\n".encode()
