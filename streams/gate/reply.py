"""The text of a refusal, which a mail client or a bounce shows to the sender."""

from __future__ import annotations

from pathlib import Path
from string import Template

from streams.counted import counted
from streams.domains.names import a_label
from streams.errors import ConfigurationError

DEFAULT = Path(__file__).with_name("reply.txt")
TAG = "[straymail]"
"""How readers of logs recognise the gate's refusals."""
LONGEST_TEMPLATE = 300
LONGEST_REPLY = 480
"""An SMTP reply is at most 512 octets long (RFC 5321, 4.5.3.1.5), its codes and the line's end included."""
LONGEST_DOMAIN = 60
PLACEHOLDERS = ("domain", "intended", "wait")


class ReplyText:
    """The two lines of a refusal: for a sender who can confirm, and for one who can't."""

    def __init__(self, text: str, where: str) -> None:
        """Parse the two lines. Raises ConfigurationError, which names `where`, where they can't be used."""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if len(lines) != 2:
            raise ConfigurationError(
                f"{where}: it needs 2 lines, one for senders who can confirm and one for others, and has {len(lines)}"
            )
        self._confirmable, self._final = (_template(line, where) for line in lines)

    def confirmable(self, domain: str, intended: str, wait_ms: int) -> str:
        """The reply to a sender who may send the mail again after `wait_ms`."""
        return _reply(self._confirmable, domain, intended, wait_ms)

    def final(self, domain: str, intended: str) -> str:
        """The reply to a sender who can't confirm."""
        return _reply(self._final, domain, intended, 0)


def read_reply(path: Path | None) -> ReplyText:
    """The text in that file, or straymail's own for None. Raises ConfigurationError where it can't be used."""
    path = path or DEFAULT
    try:
        return ReplyText(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"gate.reply: can't read {path}: {error}") from error


def _template(line: str, where: str) -> Template:
    if not (line.isascii() and line.isprintable()) or len(line) > LONGEST_TEMPLATE:
        raise ConfigurationError(
            f"{where}: a line must be printable ASCII, at most {LONGEST_TEMPLATE} characters: {line!r}"
        )
    template = Template(line)
    if not template.is_valid() or not set(template.get_identifiers()) <= set(PLACEHOLDERS):
        known = ", ".join(f"${name}" for name in PLACEHOLDERS)
        raise ConfigurationError(f"{where}: the placeholders are {known}, and $$ is a dollar sign: {line!r}")
    return template


def _reply(template: Template, domain: str, intended: str, wait_ms: int) -> str:
    """The line with `TAG` before it."""
    text = template.substitute(
        domain=_short(domain), intended=_short(intended), wait=counted(-(-wait_ms // 1000), "second")
    )
    return f"{TAG} {text}"[:LONGEST_REPLY]


def _short(domain: str) -> str:
    """A name with A-labels that leaves room for others: its beginning and its end."""
    domain, half = ".".join(map(a_label, domain.split("."))), LONGEST_DOMAIN // 2
    return domain if len(domain) <= LONGEST_DOMAIN else f"{domain[: half - 3]}...{domain[-half:]}"
