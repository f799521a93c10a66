"""Domain names as text: one canonical form for every spelling of a name.

The canonical form is lower case, without trailing dot, with A-labels (`xn--...`) where a label isn't ASCII. Names are
read leniently: whatever DNS can carry is accepted, valid under IDNA 2008 or not, since a look-alike needn't be valid.
"""

import re
from functools import lru_cache
from unicodedata import bidirectional

from streams.errors import MalformedDomain

LONGEST_NAME, LONGEST_LABEL = 253, 63
LONGEST_U_LABEL = LONGEST_LABEL - len("xn--")
"""Most code points in a label that isn't ASCII: each takes at least one character of the A-label (RFC 3492)."""
LABELS_CACHED = 1_000

_LEFT_TO_RIGHT = frozenset({"L", "EN"})
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
is_label = re.compile(_LABEL).fullmatch
is_plain = re.compile(r"(?!.{64})[a-z0-9_]+(?:[.-][a-z0-9_]+)*(?<![0-9])").fullmatch
"""A fast test that a name is already canonical and has no A-label, as nearly all have: no false positives."""


def canonical(text: str) -> str:
    """The canonical form of a domain name, or of the domain of an address (`user@domain`). Raises MalformedDomain."""
    if is_plain(text):
        return text
    domain = text[text.rfind("@") + 1 :].strip()
    _check_length(text, domain)
    if domain.isascii():
        domain = domain.lower().removesuffix(".")
    else:
        domain = _mapped(text, domain).removesuffix(".")
        _check_length(text, domain)
        domain = ".".join(map(a_label, domain.split(".")))
    _check(text, domain)
    return domain


def a_label(label: str) -> str:
    """A label as DNS carries it: `xn--...` where it isn't ASCII. One too long for that is returned as it is."""
    return label if label.isascii() or len(label) > LONGEST_U_LABEL else _to_a_label(label)


@lru_cache(LABELS_CACHED)
def _to_a_label(label: str) -> str:
    """The A-label. Cached: Python's punycode takes time quadratic in the length, and a name's labels are encoded more
    than once."""
    return "xn--" + label.encode("punycode").decode("ascii")


def to_unicode(domain: str) -> str:
    """A canonical name with its A-labels decoded; an A-label that can't be decoded stays as it is."""
    if "xn--" not in domain:
        return domain
    return ".".join(_to_u_label(label) for label in domain.split("."))


def readable(domain: str) -> str:
    """A canonical name as a person reads it: each A-label decoded, unless it has anything but letters and digits that
    are written from left to right, such as invisible characters or marks."""
    return ".".join(map(_readable_label, domain.split("."))) if "xn--" in domain else domain


def _readable_label(label: str) -> str:
    text = _to_u_label(label)
    return (
        text
        if all(char in "-_" or (char.isalnum() and bidirectional(char) in _LEFT_TO_RIGHT) for char in text)
        else label
    )


def _mapped(text: str, domain: str) -> str:
    """UTS 46 mapping, non-transitional."""
    import idna  # its tables take 15 ms to load, and most streams never need them

    try:
        return idna.uts46_remap(domain, std3_rules=False, transitional=False)
    except idna.IDNAError as error:
        raise MalformedDomain(text, str(error)) from error


def _to_u_label(label: str) -> str:
    return _from_a_label(label) if label.startswith("xn--") else label


@lru_cache(LABELS_CACHED)
def _from_a_label(label: str) -> str:
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def _check_length(text: str, domain: str) -> None:
    """Checked before any work that grows with the length, and again after mapping: one character may map to 18."""
    if len(domain) > LONGEST_NAME + 1:  # one more for a trailing dot
        raise MalformedDomain(text, f"it is longer than {LONGEST_NAME} characters")


def _check(text: str, domain: str) -> None:
    if not domain:
        raise MalformedDomain(text, "it is empty")
    if len(domain) > LONGEST_NAME:
        raise MalformedDomain(text, f"it is longer than {LONGEST_NAME} characters")
    labels = domain.split(".")
    for label in labels:
        if not is_label(label):
            raise MalformedDomain(text, _problem(label))
    if labels[-1].isdigit():
        raise MalformedDomain(text, "it ends in a number, as an IP address does")


def _problem(label: str) -> str:
    if not label:
        return "it begins with a dot or has two dots in a row"
    if len(label) > LONGEST_LABEL or not label.isascii():  # `a_label` leaves a label that is too long for it as it is
        return f"a label is longer than {LONGEST_LABEL} characters"
    if label.startswith("-") or label.endswith("-"):
        return f"the label {label!r} begins or ends with a hyphen"
    return f"the label {label!r} has a character that is not allowed in a domain name"
