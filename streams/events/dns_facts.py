"""What DNS says about a mistaken domain, as hits and alerts carry it, and in words."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from streams.events.safe_text import clean_name

MailRoute = Literal["mx", "address", "null-mx", "none", "absent", "unowned", "no-suffix"]
"""Where mail for a domain goes: to its mail servers, or to its address for want of any. Nowhere: it says so itself
(null MX, RFC 7505), it has neither servers nor an address, it doesn't exist below a name that does, nobody owns the
registered name, or no names are registered under its suffix."""
HOSTS_KEPT = 5
"""The most mail servers that are named."""
_TAKES_MAIL = frozenset({"mx", "address"})

HOST_LENGTH = 255
"""Characters of a host that are kept; DNS allows a hostile one of a thousand, with each byte as `\\027`."""

Host = Annotated[str, Meta(min_length=1, max_length=HOST_LENGTH)]


class DnsFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """The facts of one domain.

    `asked` is when they were asked for, in ms since the epoch; `registrable` the registered name, `open` whether
    anybody may register it; `mx` has the mail servers, best first. `wildcard` where every name under the suffix
    answers, so that the domain may answer without anybody's having registered it.
    """

    asked: Annotated[int, Meta(ge=0, le=2**53 - 1)]
    route: MailRoute
    registrable: Host
    mx: Annotated[list[Host], Meta(max_length=HOSTS_KEPT)] = []
    open: bool = False
    wildcard: bool = False

    @property
    def takes_mail(self) -> bool:
        """Whether mail to the domain reaches somebody."""
        return self.route in _TAKES_MAIL


def joined_facts(one: DnsFacts | None, other: DnsFacts | None) -> DnsFacts | None:
    """Merge what two hits of one domain carry, in any order: what was asked last."""
    if one is None or other is None or one == other:
        return one or other
    return max(one, other, key=msgspec.structs.astuple)


def in_words(domain: str, facts: DnsFacts) -> str:
    """The facts of a domain as one sentence, without a capital, since it begins with a name, and without full stop."""
    name, registrable = clean_name(domain), clean_name(facts.registrable)
    words = {
        "mx": f"{name} takes mail at {', '.join(map(clean_name, facts.mx))}",
        "address": f"{name} has no mail server of its own, but an address, so mail is sent there",
        "null-mx": f"{name} takes no mail, as its owner says: mail to it bounces",
        "none": f"{name} has neither a mail server nor an address: mail to it bounces",
        "absent": f"{name} doesn't exist, but {registrable} does: mail to it bounces",
        "unowned": f"nobody owns {registrable}: mail to it bounces today",
        "no-suffix": f"{name} can't exist, as there is no such suffix: mail to it bounces",
    }[facts.route]
    if facts.route == "unowned" and facts.open:
        words += "; register it"
    if facts.wildcard and facts.takes_mail:
        words += "; every name under its suffix answers, so perhaps nobody has registered this one"
    return words
