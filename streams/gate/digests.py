"""Keyed digests, under which decisions are stored: no address is kept, and none can be guessed without the key."""

from __future__ import annotations

from streams.events.addresses import normalise_address
from streams.events.privacy import key_digest
from streams.gate.question import Question
from streams.gate.whose_mail import bare_sender


class GateDigests:
    """HMACs with the privacy key, which all gates share. Takes any text, also one with lone surrogates."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def pair(self, sender: str, address: str) -> str:
        """The digest of who sends (see `whose_mail.identity`) and of an address, a recipient's or an intended one."""
        return self._digest(f"pair\n{sender}\n{normalise_address(address)}")

    def sender(self, address: str) -> str:
        """The digest of an envelope sender, without the signature that BATV adds for each mail."""
        return self._digest(f"sender\n{bare_sender(address)}")

    def mail(self, question: Question) -> str | None:
        """The digest of what tells the mail from others: the Message-ID over milter, the instance over policy. None
        where nothing does."""
        text = {"policy": question.instance, "milter": question.message_id, "http": None}[question.protocol]
        return self._digest(f"mail\n{question.protocol}\n{text}") if text else None

    def _digest(self, text: str) -> str:
        return key_digest(self._key, text.encode(errors="backslashreplace").decode())
