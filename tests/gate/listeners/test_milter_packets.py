"""Packets of the milter protocol as bytes."""

from __future__ import annotations

import struct

import pytest

from streams.gate.listeners.milter_packets import (
    KEPT,
    LONGEST,
    MalformedPacket,
    Packet,
    PacketReader,
    Stages,
    negotiate,
    packet,
    reply_code,
)

POSTFIX_OFFER = struct.pack("!III", 6, 0x1FF, 0x1FFFFF)


def read(data: bytes, step: int) -> list[Packet]:
    """The packets in the data when so many bytes arrive at a time."""
    reader, received, packets = PacketReader(), bytearray(), []
    for start in range(0, len(data), step):
        received += data[start : start + step]
        while (found := reader.take(received)) is not None:
            packets.append(found)
        assert len(received) <= KEPT + 5
    return packets


@pytest.mark.parametrize("step", [1, 3, 1000, 1_000_000])
def test_packets_are_read_however_their_bytes_arrive(step: int) -> None:
    data = packet(b"M", b"<a@b>\0SIZE=1\0") + packet(b"N") + packet(b"L", b"Subject\0 x\0")
    assert [(each.command, each.texts()) for each in read(data, step)] == [
        (b"M", ["<a@b>", "SIZE=1"]),
        (b"N", []),
        (b"L", ["Subject", " x"]),
    ]


@pytest.mark.parametrize("step", [1000, 1_000_000])
def test_of_a_long_packet_only_the_beginning_is_kept(step: int) -> None:
    body, end = read(packet(b"B", b"x" * 1_000_000) + packet(b"E"), step)
    assert (body.command, len(body.data), end.command) == (b"B", KEPT, b"E")


def test_a_string_without_its_end_is_left_out() -> None:
    assert Packet(b"R", b"<a@b>\0rest").texts() == ["<a@b>"]
    assert Packet(b"R", b"<a@b>").texts() == []


@pytest.mark.parametrize("length", [0, LONGEST + 1, 0xFFFFFFFF, int.from_bytes(b"GET ")])
def test_a_length_that_no_packet_has_is_an_error(length: int) -> None:
    with pytest.raises(MalformedPacket, match="bytes"):
        PacketReader().take(bytearray(struct.pack("!IB", length, 0)))


def test_no_more_is_agreed_on_than_what_is_offered() -> None:
    agreed, reply = negotiate(POSTFIX_OFFER)
    assert agreed == Stages(0x1FFFFF) & Stages(sum(Stages))
    assert reply == struct.pack("!IcIII", 13, b"O", 6, 0, agreed)
    old, reply = negotiate(struct.pack("!III", 2, 0x3F, 0x7F))
    assert old == Stages.NO_HELO | Stages.NO_BODY
    assert reply == struct.pack("!IcIII", 13, b"O", 2, 0, old)
    newer, reply = negotiate(struct.pack("!III", 9, 0, 0))
    assert (newer, reply[5:9]) == (0, b"\0\0\0\6")


@pytest.mark.parametrize("offer", [b"", b"\0" * 11, struct.pack("!III", 1, 0, 0)])
def test_an_offer_that_is_none_is_an_error(offer: bytes) -> None:
    with pytest.raises(MalformedPacket):
        negotiate(offer)


def test_a_refusal_has_the_codes_on_each_line_and_no_macros() -> None:
    assert reply_code(["100% sure"])[5:] == b"550 5.7.1 100%% sure\0"
    assert reply_code(["a", "b", "c"])[5:] == b"550-5.7.1 a\r\n550-5.7.1 b\r\n550 5.7.1 c\0"
