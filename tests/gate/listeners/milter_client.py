"""The milter protocol from a mail system's side, packet by packet."""

from __future__ import annotations

import asyncio
import struct

from streams.gate.listeners.milter_packets import packet

OFFER = struct.pack("!III", 6, 0x1FF, 0x1FFFFF)
"""What Postfix 3.7 offers."""
OLD_OFFER = struct.pack("!III", 2, 0x3F, 0x7F)
"""What Sendmail 8.12 offers: each packet is answered."""
ACCEPT, CONTINUE = packet(b"a"), packet(b"c")
REFUSE = packet(b"y", b"550 5.7.1 [straymail] army.ml is probably a mistake for army.mil, 100%% sure.\0")


def texts(command: str, *texts: str) -> bytes:
    """A packet with strings, each ended by a zero."""
    return packet(command.encode(), "".join(f"{text}\0" for text in texts).encode())


def connect(address: str = "127.0.0.1", family: bytes = b"4", port: int = 1234) -> bytes:
    return packet(b"C", b"desk.mod.example\0" + family + struct.pack("!H", port) + address.encode() + b"\0")


def mail(
    *recipients: str, sender: str = "desk@mod.example", login: str = "desk", message_id: str = "<1@mod.example>"
) -> bytes:
    """A mail from MAIL to the end of its headers."""
    macros = packet(b"D", f"Mi\0001F\0{{auth_authen}}\0{login}\0".encode()) if login else b""
    headers = {"From": f"<{sender}>", "Message-Id": message_id, "Subject": "x" * 6000}
    return b"".join(
        [
            macros,
            texts("M", f"<{sender}>", "SIZE=100"),
            *(texts("R", f"<{recipient}>") for recipient in recipients),
            *(texts("L", name, f" {value}") for name, value in headers.items() if value),
            packet(b"N"),
        ]
    )


async def read_packet(reader: asyncio.StreamReader) -> bytes:
    length = await reader.readexactly(4)
    return length + await reader.readexactly(int.from_bytes(length))
