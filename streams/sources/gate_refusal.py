"""Refusals by the gate in the logs of mail servers. The gate publishes the event of each itself, so they give none.

The gate's reply begins with REPLY_MARK. Whoever sends mail can have a server log that text, so it only ever hides mail
that was refused, by the server itself or by one of the organisation's.
"""

from __future__ import annotations

import re

from streams.events.asked import REPLY_MARK

SKIPPED = "refusals by the gate, which publishes them itself"
_MARK = REPLY_MARK.encode() + b" "
_CODES = rb"(?:\d{3}[ -])?(?:\d\.\d{1,3}\.\d{1,3} )?"
_OF_POSTFIX = re.compile(
    rb"from [^\s\[\]]*+\[[^\s\[\]]*+\](?::\d{1,5})?: %b(?:<.*>: Recipient address rejected: )?%b"
    % (_CODES, re.escape(_MARK)),
    re.DOTALL,
)
_REPLY = re.compile(rb"(?:\A\s*|: )%b%b" % (_CODES, re.escape(_MARK)))


def is_marked(text: bytes) -> bool:
    """Whether the mark is anywhere in a line, as in few."""
    return _MARK in text


def is_gate_refusal(text: bytes) -> bool:
    """Whether Postfix refused a mail in the gate's words: `text` is between the stage and the envelope of the line."""
    return _OF_POSTFIX.match(text) is not None


def is_gate_reply(text: bytes) -> bool:
    """Whether a text of a local rule, or what another server said, has the reply of the gate."""
    return _REPLY.search(text) is not None
