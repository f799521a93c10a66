"""The letter to a sender: what happened, which address was meant, what to do, whom to call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from string import Template

from streams.counted import counted
from streams.errors import ConfigurationError
from streams.events.alert_view import AlertView
from streams.events.alert_words import utc
from streams.events.safe_text import clean, clean_name
from streams.notify.shown_address import address_parts, shown_address

ADDRESSES_SHOWN = 10
DEFAULT = Path(__file__).with_name("letter.txt")
SUBJECT = "Subject: "


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts that a letter can contain; each name is a `$placeholder` of the template."""

    sender: str
    mistaken: str
    intended: str
    mails: str
    addresses: str
    first: str
    last: str
    delivered: str
    contact: str
    finding: str
    title: str


@dataclass(frozen=True, slots=True)
class Letter:
    """The subject, in one line, and the text of a mail."""

    subject: str
    text: str


class LetterTemplate:
    """A template: a line `Subject: ...`, an empty line, and the text, with placeholders such as `$mistaken`."""

    def __init__(self, text: str, where: str) -> None:
        """Parse the text. Raises ConfigurationError, which names `where`, where it is malformed."""
        subject, _, body = text.partition("\n")
        if not subject.startswith(SUBJECT) or not body.startswith("\n"):
            raise ConfigurationError(f"{where}: the first line must be 'Subject: ...' and the second line empty")
        self._subject, self._text = Template(subject.removeprefix(SUBJECT)), Template(body.lstrip("\n"))
        for template in (self._subject, self._text):
            if not template.is_valid():
                raise ConfigurationError(f"{where}: a $ without a name after it: write $$ for a dollar sign")
            for name in template.get_identifiers():
                if name not in Facts.__slots__:
                    known = ", ".join(f"${name}" for name in Facts.__slots__)
                    raise ConfigurationError(f"{where}: there is no placeholder ${name}; the placeholders are {known}")

    def fill(self, facts: Facts) -> Letter:
        """The letter, with the placeholders replaced by these facts."""
        values = asdict(facts)
        return Letter(clean(self._subject.substitute(values).strip())[:200], self._text.substitute(values))


def read_template(path: Path | None) -> LetterTemplate:
    """The template in that file, or straymail's own for None. Raises ConfigurationError where it can't be used."""
    path = path or DEFAULT
    try:
        return LetterTemplate(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"can't read the template {path}: {error}") from error


def facts_of(view: AlertView, recipients: Sequence[str], contact: str) -> Facts:
    """The facts about a sender's finding; `recipients` are the known ones of its mails, perhaps masked."""
    return Facts(
        sender=shown_address(*address_parts(view.sender or "")),
        mistaken=clean_name(view.domain),
        intended=clean_name(view.intended),
        mails=_least(view) + counted(view.count, "mail"),
        addresses="\n".join(_addresses(view, recipients)),
        first=f"{utc(view.first_seen_ms)} UTC",
        last=f"{utc(view.last_seen_ms)} UTC",
        delivered=_delivered(view),
        contact=contact,
        finding=clean(view.uid),
        title=clean(view.title),
    )


def _addresses(view: AlertView, recipients: Sequence[str]) -> list[str]:
    """A line for each wrong address with the right one next to it; for each domain where addresses are masked."""
    meant = {domain.domain: domain.intended for domain in view.domains}
    parts = [address_parts(address) for address in sorted(set(recipients))]
    known = [(local, domain) for local, domain in parts if domain in meant and not _is_masked(local)]
    shown = [(shown_address(local, domain), shown_address(local, meant[domain])) for local, domain in known]
    pairs = list(dict.fromkeys(shown)) or [
        (shown_address("", domain), shown_address("", right)) for domain, right in meant.items()
    ]
    lines = [f"    {wrong}  (meant: {right})" for wrong, right in pairs[:ADDRESSES_SHOWN]]
    return [*lines, f"    and {len(pairs) - ADDRESSES_SHOWN} more"] if len(pairs) > ADDRESSES_SHOWN else lines


def _is_masked(local: str) -> bool:
    """Whether privacy settings have masked the address, so that it means nothing to a sender."""
    return local == "*" or local.startswith("hmac-")


def _least(view: AlertView) -> str:
    return "At least " if view.count_is_minimum else ""


def _delivered(view: AlertView) -> str:
    if view.delivered_count:
        verb = "was" if view.delivered_count == 1 else "were"
        number = _least(view) + counted(view.delivered_count, "mail")
        return f"{number} {verb} delivered to a server that is not ours: treat the content as disclosed."
    return "No delivery is known yet, so it may still be possible to stop it: call at once."
