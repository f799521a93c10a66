"""Asks a gate over the policy protocol, as Postfix does for a recipient."""

from __future__ import annotations

import socket

DUNNO = "action=DUNNO"
ANSWER_SECONDS = 20.0


def ask_policy(port: int, recipient: str, *, login: str = "jo", instance: str = "1", **attributes: str) -> str:
    """The line of the answer."""
    given = {
        "request": "smtpd_access_policy",
        "protocol_state": "RCPT",
        "sender": "jo@mod.gov.uk",
        "recipient": recipient,
        "sasl_username": login,
        "client_address": "198.51.100.1",
        "instance": instance,
        **attributes,
    }
    with socket.create_connection(("127.0.0.1", port), ANSWER_SECONDS) as client:
        client.sendall("".join(f"{name}={value}\n" for name, value in given.items()).encode() + b"\n")
        with client.makefile("rb") as answer:
            return answer.readline().decode().strip()
