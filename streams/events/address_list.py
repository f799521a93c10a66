"""Reads the addresses in a text such as the header field To (RFC 5322, 3.4), as people and programs write them, in time
that grows with the text's length alone.

The standard library's parser calls itself for each nested comment, so that 900 brackets end a process.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from streams.errors import UnreadableRecord
from streams.events.reasons import Reason

TOKENS_ALLOWED = 200_000
"""The most parts of a message's address fields: a list of 25,000 recipients with their names has some 150,000."""

_TOKEN = re.compile(
    r'(?P<quoted>"(?:[^"\\]|\\.)*+")|(?P<literal>\[[^\[\]\\]*+\])|(?P<separator>[,;]++)|(?P<blank>\s++)'
    r'|(?P<atom>(?:[^\s"(),:;<>\[\]\\]++|\\.)++)|(?P<mark>.)',
    re.DOTALL,
)
_WITHIN_COMMENT = re.compile(r"[()]|\\.", re.DOTALL)


INVISIBLE = "\u00ad\ufeff" + "".join(map(chr, [*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065)]))
"""Characters without a width, which come along at the ends of an address when it is copied."""


@dataclass(slots=True)
class _Mailbox:
    """The mailbox that is being read. `parts` are those of the last word outside brackets, `found` are the addresses
    among the words before it, `bracketed` are the parts in angle brackets, None where there were no brackets, and
    `closed` are the addresses in the brackets before these."""

    parts: list[str] = field(default_factory=list)
    has_at: bool = False
    found: list[str] = field(default_factory=list)
    bracketed: list[str] | None = None
    closed: list[str] = field(default_factory=list)
    is_open: bool = False
    after_blank: bool = False

    def add(self, text: str, *, is_atom: bool) -> None:
        if self.is_open and self.bracketed is not None:
            self.bracketed.append(text)
        elif self.bracketed is None:
            if self.after_blank and self.parts and text[0] not in "@." and self.parts[-1][-1] not in "@.":
                self._end_word()
            self.parts.append(text)
            self.has_at |= is_atom and "@" in text
        self.after_blank = False

    def literal(self, text: str) -> None:
        """Square brackets: a domain literal after an @, else somebody's way to set off an address."""
        if "@" not in text or self.is_open or "".join(self.parts).endswith("@"):
            self.add(text, is_atom=False)
        else:
            self._end_word()
            self.add(text[1:-1], is_atom=True)
            self._end_word()

    def open(self) -> None:
        self.closed += self._within_brackets()
        self.bracketed, self.is_open = [], True

    def colon(self) -> None:
        """What was before a colon is the name of a group or, within brackets, a route."""
        if self.is_open:
            self.bracketed = []
        else:
            self.parts, self.has_at, self.found = [], False, []

    def addresses(self) -> list[str]:
        if self.bracketed is not None:
            return self.closed + self._within_brackets()
        self._end_word()
        return self.found

    def _within_brackets(self) -> list[str]:
        text = "".join(self.bracketed or ()).strip(INVISIBLE)
        return [text] if "@" in text else []

    def _end_word(self) -> None:
        word = "".join(self.parts).strip(INVISIBLE)
        if len(word) > 1 and word[0] == word[-1] == "'":
            word = word[1:-1]
        if self.has_at and word[:1] != "@":  # that is the route of an address
            self.found.append(word)
        self.parts, self.has_at = [], False


class AddressReader:
    """Reads the address fields of one message, of at most TOKENS_ALLOWED parts together."""

    def __init__(self) -> None:
        self._left = TOKENS_ALLOWED

    def read(self, value: str) -> list[str]:
        """The addresses of an unfolded field, without names, comments and groups; what is malformed is skipped.

        Raises UnreadableRecord where the message has too many parts.
        """
        found: list[str] = []
        mailbox, at, has_comments = _Mailbox(), 0, True
        value = value.replace("\N{FULLWIDTH COMMERCIAL AT}", "@")  # that of East Asian keyboards
        while (token := _TOKEN.match(value, at)) is not None:
            self._count()
            kind, text, at = token.lastgroup, token[0], token.end()
            if text == "(" and has_comments:
                end = _comment_end(value, at)
                has_comments = end is not None
                at = end or at
            elif kind == "separator":
                if not mailbox.is_open:
                    found += mailbox.addresses()
                    mailbox = _Mailbox()
            elif kind == "blank":
                mailbox.after_blank = True
            elif kind == "mark":
                _mark(mailbox, text)
            elif kind == "literal":
                mailbox.literal(text)
            else:
                mailbox.add(text, is_atom=kind == "atom")
        return found + mailbox.addresses()

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            detail = f"The fields with addresses have more than {TOKENS_ALLOWED:,} parts."
            raise UnreadableRecord(Reason.BAD_VALUE, detail)


def _mark(mailbox: _Mailbox, mark: str) -> None:
    if mark == "<":
        mailbox.open()
    elif mark == ">":
        mailbox.is_open = False
    elif mark == ":":
        mailbox.colon()


def _comment_end(value: str, at: int) -> int | None:
    """Where the comment ends whose opening bracket is before `at`; None where it is never closed."""
    depth = 1
    for mark in _WITHIN_COMMENT.finditer(value, at):
        depth += {"(": 1, ")": -1}.get(mark[0], 0)
        if depth == 0:
            return mark.end()
    return None
