"""Whose mail a question is about: the gate asks persons of the organisation, and nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from streams.domains.own_domains import OwnDomains
from streams.events.addresses import ADDRESS_LENGTH, domain_of, normalise_address
from streams.gate.question import Question
from streams.networks import Network, address_in, is_within

_BATV = re.compile(r"(?:prvs=[0-9a-z]{10}=|btv1==[0-9a-f]{1,20}==)(.+)")
"""A signed sender: `prvs=` and ten characters (draft-levine-smtp-batv), or Barracuda's form."""
_NO_PERSON = re.compile(
    r"mailer-daemon|double-bounce"  # bounces; Postfix's probes
    r"|srs[01][=+-].*"  # forwarded by a machine (SRS)
    r"|bounces?(?:[-+].*)?|.*-bounces?(?:[-+].*)?"  # lists, and what sends bulk mail
)
_MAYBE_LIST = re.compile(
    r"owner-.*|.*-(?:owner|request)(?:[-+].*)?"  # RFC 2142, majordomo
    r"|.*-return-.*"  # ezmlm
)
"""Of lists, and of role mailboxes too, such as travel-request@: with a login, and over HTTP, it is a person's."""
_BULK = frozenset({"bulk", "list", "junk"})


class OwnPersons:
    """Tells mail of the organisation's persons from that of others and of programs."""

    def __init__(self, own_domains: Iterable[str], own_networks: Iterable[Network]) -> None:
        """`own_domains` may be empty: then any sender in an own network is own. Raises ConfigurationError for a name
        that is not a domain name."""
        self._domains, self._networks = OwnDomains(own_domains), tuple(own_networks)

    def why_not(self, question: Question) -> Literal["not-own", "no-person"] | None:
        """Why the mail passes whatever its recipients are; None where it is a person's. Over HTTP the token says whose
        mail it is."""
        local = bare_sender(question.sender).rpartition("@")[0]
        if question.is_bulk or not local or _NO_PERSON.fullmatch(local) or _is_verp(local):
            return "no-person"
        if not question.login and question.protocol != "http" and _MAYBE_LIST.fullmatch(local):
            return "no-person"
        if len(question.sender) > ADDRESS_LENGTH:
            return "not-own"
        return None if question.protocol == "http" or self._is_own(question) else "not-own"

    def _is_own(self, question: Question) -> bool:
        """Whether somebody has logged in, or the session is from an own network and the sender of an own domain: mail
        of strangers that is forwarded or filtered comes from an own network too."""
        if question.login:
            return True
        if self._domains and domain_of(question.sender) not in self._domains:
            return False
        if question.is_internal:
            return True
        address = address_in(question.client_address or "")
        return address is not None and is_within(address, self._networks)


def _is_verp(local: str) -> bool:
    """Whether a recipient's address is in the local part: `bounces-jo=army.mil`."""
    before, equals, domain = local.rpartition("=")
    return bool(equals) and "." in domain and ("+" in before or "-" in before)


def identity(question: Question) -> str:
    """Who is asked and confirms: the login, without one the envelope sender. A sender can't pose as a login."""
    if question.login:
        return f"login:{question.login.strip().lower()}"
    local, _, domain = bare_sender(question.sender).rpartition("@")
    return f"sender:{local.partition('+')[0] or local}@{domain}"


def names_of(question: Question) -> frozenset[str]:
    """The names by which settings may mean the sender: the login and the bare envelope sender, in lower case."""
    return frozenset({bare_sender(question.sender), (question.login or "").strip().lower()})


def bare_sender(address: str) -> str:
    """An envelope sender, normalised and without the signature that BATV adds for each mail."""
    address = normalise_address(address)
    signed = _BATV.fullmatch(address)
    return signed[1] if signed else address


def is_bulk_header(name: str, value: str) -> bool:
    """Whether a header field says that the mail comes from a list or is bulk mail: any `List-` field (RFC 2369, 2919),
    or `Precedence`."""
    name = name.strip().lower()
    return name.startswith("list-") or (name == "precedence" and value.strip().lower() in _BULK)
