"""The milter protocol of Postfix and Sendmail: one question for a whole mail, at the end of its headers."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

from streams.gate.listeners import milter_packets as milter
from streams.gate.listeners.connection import MailSystemConnection
from streams.gate.listeners.milter_packets import MalformedPacket, Packet, PacketReader, Stages
from streams.gate.listeners.open_connections import OpenConnections
from streams.gate.question import Answer, Gatekeeper, Question
from streams.gate.whose_mail import is_bulk_header
from streams.networks import LOOPBACK, address_in, is_within

MOST_RECIPIENTS = 1_000
"""Of one mail, as in Postfix; a mail with more of them passes."""
OVERHEAD_BYTES = 40
"""What a text takes of the budget besides its own size: its place in a list, and what the allocator rounds up."""
MOST_LINES = 5
"""Of a refusal, one for each reply that differs."""
LOGIN = "{auth_authen}"
MESSAGE_ID = "message-id"


@dataclass(slots=True)
class _Session:
    """What is known of the SMTP client. In Postfix mail that didn't come by SMTP has a loopback address and port 0;
    port 0 alone is that of a client whose port isn't known, as behind a proxy."""

    address: str | None = None
    is_internal: bool = False


@dataclass(slots=True)
class _Envelope:
    """The mail that is being sent, as far as it is known: the login comes first, and the `sender` is None until MAIL.
    `size` is what its texts take of the budget; where there is no room for them, `is_judged` is False, nothing is kept,
    and its recipients are only counted (`recipient_count`)."""

    login: str | None = None
    sender: str | None = None
    recipients: list[str] = field(default_factory=list)
    recipient_count: int = 0
    message_id: str | None = None
    is_bulk: bool = False
    is_judged: bool = True
    size: int = 0


class MilterConnection(MailSystemConnection):
    """Answers one SMTP session of a mail system. Nothing is changed in a mail: it passes, or is refused as a whole."""

    __slots__ = ("_agreed", "_envelope", "_reader", "_session")

    def __init__(self, gate: Gatekeeper, together: OpenConnections) -> None:
        super().__init__(gate, together)
        self._reader = PacketReader()
        self._agreed: Stages | None = None
        self._session = _Session()
        self._envelope: _Envelope | None = None

    def connection_lost(self, exc: BaseException | None) -> None:
        self._drop_envelope()
        super().connection_lost(exc)

    def eof_received(self) -> bool:
        """The mail system has left: none closes its own side alone. What is in flight has nobody to answer to."""
        return False

    def is_amid_request(self) -> bool:
        return super().is_amid_request() or self._reader.is_amid_packet

    def take_request(self) -> bool:
        try:
            packet = self._reader.take(self.received)
            if packet is not None:
                self._handle(packet)
        except MalformedPacket:
            self.together.on_bad_request()
            self.abort()
            return False
        return packet is not None

    def _handle(self, packet: Packet) -> None:
        match packet.command:
            case milter.NEGOTIATE:
                self._agreed, answer = milter.negotiate(packet.data)
                self.write(answer)
            case _ if self._agreed is None:
                raise MalformedPacket("something else before the negotiation")
            case milter.MACROS | milter.ABORT | milter.QUIT | milter.QUIT_NEW_CONNECTION:
                self._note(packet)
            case milter.END_OF_HEADERS | milter.END_OF_BODY:
                self._decide()
            case _:
                self._learn(packet)
                if not milter.UNANSWERED.get(packet.command, Stages(0)) & self._agreed:
                    self.write(milter.packet(milter.CONTINUE))

    def _note(self, packet: Packet) -> None:
        """What has no answer."""
        match packet.command:
            case milter.MACROS if packet.data[:1] == milter.MAIL:
                self._drop_envelope()
                self._envelope = envelope = _Envelope()
                texts = Packet(milter.MACROS, packet.data[1:]).texts()
                login = dict(zip(texts[::2], texts[1::2], strict=False)).get(LOGIN)
                envelope.login = self._keep(envelope, login) if login else None
            case milter.ABORT:
                self._drop_envelope()
            case milter.QUIT:
                self.close()
            case milter.QUIT_NEW_CONNECTION:
                self._drop_envelope()
                self._session = _Session()

    def _learn(self, packet: Packet) -> None:
        """What the mail system waits for an answer to, unless it was agreed that there is none."""
        match packet.command:
            case milter.CONNECT:
                self._session = read_session(packet.data)
            case milter.MAIL:
                self._begin(_address(packet))
            case milter.RCPT if self._envelope is not None:
                self._add_recipient(self._envelope, _address(packet))
            case milter.HEADER if self._envelope is not None:
                self._read_header(self._envelope, packet)
            case milter.HELO | milter.DATA | milter.UNKNOWN | milter.BODY | milter.RCPT | milter.HEADER:
                pass
            case _:
                raise MalformedPacket(f"the command {packet.command!r}")

    def _begin(self, sender: str) -> None:
        if self._envelope is None or self._envelope.sender is not None:  # there were no macros before this MAIL
            self._drop_envelope()
            self._envelope = _Envelope()
        self._envelope.sender = self._keep(self._envelope, sender) or ""

    def _add_recipient(self, envelope: _Envelope, recipient: str) -> None:
        envelope.recipient_count += 1
        if envelope.recipient_count > MOST_RECIPIENTS:
            self._leave_unjudged(envelope)
        elif (kept := self._keep(envelope, recipient)) is not None:
            envelope.recipients.append(kept)

    def _read_header(self, envelope: _Envelope, packet: Packet) -> None:
        texts = packet.texts()
        name, value = texts[0] if texts else "", texts[1].strip() if len(texts) > 1 else ""
        if name.lower() == MESSAGE_ID and value and envelope.message_id is None:
            envelope.message_id = self._keep(envelope, value)
        envelope.is_bulk = envelope.is_bulk or is_bulk_header(name, value)

    def _keep(self, envelope: _Envelope, text: str) -> str | None:
        """The text, for which the budget has room; None where the mail is not judged."""
        if not envelope.is_judged:
            return None
        size = sys.getsizeof(text) + OVERHEAD_BYTES
        if not self.together.take_bytes(size):
            self._leave_unjudged(envelope)
            return None
        envelope.size += size
        return text

    def _leave_unjudged(self, envelope: _Envelope) -> None:
        self._give_back(envelope)
        envelope.is_judged = False

    def _decide(self) -> None:
        envelope, self._envelope = self._envelope, None
        if envelope is not None and envelope.recipients:
            self.answer_later(self._ask(envelope))
            return
        if envelope is not None and not envelope.is_judged:
            self.gate.let_pass("milter", envelope.recipient_count)
        self.write(milter.packet(milter.ACCEPT))

    async def _ask(self, envelope: _Envelope) -> None:
        session = self._session
        question = Question(
            "milter",
            envelope.sender or "",
            tuple(envelope.recipients),
            login=envelope.login,
            client_address=session.address,
            message_id=envelope.message_id,
            is_bulk=envelope.is_bulk,
            is_internal=session.is_internal and not envelope.login,
        )
        try:
            await self.gate.ask(question, lambda answers: self.write(answer_packet(answers)))
        finally:
            self._give_back(envelope)

    def _drop_envelope(self) -> None:
        if self._envelope is not None:
            self._give_back(self._envelope)
            self._envelope = None

    def _give_back(self, envelope: _Envelope) -> None:
        self.together.give_bytes(envelope.size)
        envelope.size = 0
        envelope.recipients.clear()
        envelope.login = envelope.message_id = None


def answer_packet(answers: list[Answer]) -> bytes:
    """The packet that lets a mail pass, or refuses it with the replies for its recipients."""
    replies = [answer.reply for answer in answers if answer.action == "refuse" and answer.reply]
    lines = list(dict.fromkeys(replies))[:MOST_LINES]
    return milter.reply_code(lines) if lines else milter.packet(milter.ACCEPT)


def read_session(data: bytes) -> _Session:
    """The client in the data of a CONNECT packet: host name, family, port and address."""
    rest = data.partition(b"\0")[2]
    if rest[:1] not in (milter.INET, milter.INET6):
        return _Session()
    address = rest[3:].partition(b"\0")[0].decode("ascii", "replace").removeprefix("IPv6:")
    ip, port = address_in(address), int.from_bytes(rest[1:3])
    return _Session(
        address if ip is not None else None, is_internal=port == 0 and ip is not None and is_within(ip, LOOPBACK)
    )


def _address(packet: Packet) -> str:
    """The address in a MAIL or RCPT packet, without angle brackets; what follows it are parameters."""
    texts = packet.texts()
    return texts[0].strip().removeprefix("<").removesuffix(">") if texts else ""
