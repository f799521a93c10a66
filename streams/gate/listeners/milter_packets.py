"""Packets of the milter protocol: a length, a command, and data, of which only the beginning is kept.

The protocol is that of Sendmail's libmilter (`mfdef.h`), version 2 to 6. Names of constants are libmilter's without
their prefix. kilter.protocol, the one library that only reads and writes packets, fails for senders that aren't ASCII
and for IPv6 addresses as Sendmail writes them, and keeps a whole packet however long it is.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntFlag

NEGOTIATE, CONNECT, HELO, MAIL, RCPT, DATA, UNKNOWN = b"O", b"C", b"H", b"M", b"R", b"T", b"U"
MACROS, HEADER, END_OF_HEADERS, BODY, END_OF_BODY = b"D", b"L", b"N", b"B", b"E"
ABORT, QUIT, QUIT_NEW_CONNECTION = b"A", b"Q", b"K"

CONTINUE, ACCEPT, REPLY_CODE = b"c", b"a", b"y"

INET, INET6 = b"4", b"6"
OLDEST, NEWEST = 2, 6
LONGEST = 16 * 1024 * 1024
"""No mail system sends more than 1 MB in a packet."""
KEPT = 4 * 1024
"""Bytes kept of a packet: an address has 320 at most, a Message-ID 998."""
_HEAD = struct.Struct("!Ic")
_NEGOTIATION = struct.Struct("!III")


class Stages(IntFlag):
    """What a milter doesn't want to be sent, or doesn't reply to (SMFIP_*)."""

    NO_HELO = 1 << 1
    NO_BODY = 1 << 4
    NO_REPLY_HEADER = 1 << 7
    NO_UNKNOWN = 1 << 8
    NO_DATA = 1 << 9
    NO_REPLY_CONNECT = 1 << 12
    NO_REPLY_MAIL = 1 << 14
    NO_REPLY_RCPT = 1 << 15


WANTED = Stages(sum(Stages))
UNANSWERED = {
    CONNECT: Stages.NO_REPLY_CONNECT,
    MAIL: Stages.NO_REPLY_MAIL,
    RCPT: Stages.NO_REPLY_RCPT,
    HEADER: Stages.NO_REPLY_HEADER,
}
"""Packets that need no answer, where the stage was agreed on; MACROS, ABORT and both QUITs never have one."""


class MalformedPacket(Exception):
    """What can't be a packet."""


@dataclass(frozen=True, slots=True)
class Packet:
    """A command and the first KEPT bytes of its data."""

    command: bytes
    data: bytes

    def texts(self) -> list[str]:
        """The strings in the data, each ended by a zero; one that is cut off is left out. Bytes that aren't UTF-8
        become lone surrogates, so that no two texts become the same."""
        return self.data.decode("utf-8", "surrogateescape").split("\0")[:-1]


class PacketReader:
    """Takes packets from the front of a buffer. It keeps no more of a long one than KEPT bytes."""

    __slots__ = ("_left_out",)

    def __init__(self) -> None:
        self._left_out = 0

    @property
    def is_amid_packet(self) -> bool:
        """Whether the rest of a long packet has not arrived."""
        return self._left_out > 0

    def take(self, received: bytearray) -> Packet | None:
        """The next packet; None where it isn't complete. Raises MalformedPacket."""
        if self._left_out:
            count = min(self._left_out, len(received))
            del received[:count]
            self._left_out -= count
        if self._left_out or len(received) < _HEAD.size:
            return None
        length, command = _HEAD.unpack_from(received)
        if not 1 <= length <= LONGEST:
            raise MalformedPacket(f"a packet of {length} bytes")
        end = _HEAD.size + min(length - 1, KEPT)
        if len(received) < end:
            return None
        packet = Packet(command, bytes(received[_HEAD.size : end]))
        del received[:end]
        self._left_out = length - 1 - (end - _HEAD.size)
        return packet


def packet(command: bytes, data: bytes = b"") -> bytes:
    """A packet as bytes."""
    return _HEAD.pack(len(data) + 1, command) + data


def reply_code(lines: Iterable[str]) -> bytes:
    """The packet that refuses with 550 5.7.1 and these lines of ASCII."""
    texts = [f"5.7.1 {line.replace('%', '%%')}" for line in lines]
    return packet(
        REPLY_CODE, "\r\n".join([*(f"550-{text}" for text in texts[:-1]), f"550 {texts[-1]}\0"]).encode("ascii")
    )


def negotiate(offer: bytes) -> tuple[Stages, bytes]:
    """What was agreed on, of what a mail system offers, and the packet that says so. Raises MalformedPacket."""
    if len(offer) < _NEGOTIATION.size:
        raise MalformedPacket("an offer that is too short")
    version, _, stages = _NEGOTIATION.unpack_from(offer)
    if version < OLDEST:
        raise MalformedPacket(f"version {version} of the protocol")
    agreed = WANTED & Stages(stages & WANTED)
    return agreed, packet(NEGOTIATE, _NEGOTIATION.pack(min(version, NEWEST), 0, agreed))
