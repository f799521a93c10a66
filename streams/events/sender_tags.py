"""Senders as mail systems write them into the envelope, and the sender that they stand for.

A system may put a tag that differs from mail to mail into the sender's local part: BATV signs it
(draft-levine-smtp-batv), SRS keeps the sender of a mail that is forwarded (draft-mehnle-srs), and VERP names the
recipient, so that a bounce shows whose address it was. All these mails are one sender's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

_BATV = re.compile(r"(?:[a-z]{0,8}prvs\d?=[^=/@]+=|btv1==[^=@]+==)(.+)", re.IGNORECASE | re.DOTALL)
_OLD_BATV = re.compile(r"prvs=(.+)/[0-9a-z]{6,16}", re.IGNORECASE | re.DOTALL)
_SRS = re.compile(
    r"(?:SRS0[=+-]|SRS1[=+-][^=]+=[^=]*==|[^=]*\+SRS=)[^=]+=[^=]+=([a-z0-9.-]+)=(.+)", re.IGNORECASE | re.DOTALL
)
_VERP = re.compile(r"([^+=]+)\+[^=]+={1,2}[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)
_GOOGLE = re.compile(r"([^+=]+)\+bnc[A-Za-z0-9_-]{8,}")
_NUMBER = re.compile(r"[-+._]\d[\d._-]*\Z")
RECIPIENTS_TRIED = 100
"""VERP sends a mail to each recipient on its own; a mail to more has their addresses in no sender."""


def may_have_tag(text: str) -> bool:
    """Whether a sender in this text may have a tag."""
    return "=" in text or "+bnc" in text


def original_sender(sender: str, recipients: Sequence[str]) -> str:
    """The sender without the tag of one mail; as it is where there is none."""
    if not may_have_tag(sender):
        return sender
    local, _, domain = sender.rpartition("@")
    if local.startswith('"'):
        return sender
    if forwarded := _SRS.fullmatch(local):
        return original_sender(f"{forwarded[2]}@{forwarded[1]}", recipients)
    if signed := _BATV.fullmatch(local) or _OLD_BATV.fullmatch(local):
        return original_sender(f"{signed[1]}@{domain}", recipients)
    base = _without_recipient(local, recipients)
    return f"{base}@{domain}" if base else sender


def _without_recipient(local: str, recipients: Sequence[str]) -> str:
    """The local part before the recipient's address, and before the number of the mail that VERP may put there."""
    lower = local.lower()
    for recipient in islice(recipients, RECIPIENTS_TRIED):
        name, _, domain = recipient.lower().rpartition("@")
        for written in (f"{name}={domain}", f"{name}=={domain}"):
            if name and lower.endswith(written):
                return _NUMBER.sub("", local[: -len(written)].rstrip("-+._="))
    found = _VERP.fullmatch(local) or _GOOGLE.fullmatch(local)
    return found[1] if found else ""
