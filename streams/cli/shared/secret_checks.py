"""Checks of the secrets that a pipeline uses: whether the privacy key can be guessed, and who can read their files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from streams.cli.shared.check_lines import CheckLine
from streams.config import Settings
from streams.files import exposure, remedy

SHORTEST_KEY = 16
"""Bytes of a privacy key that is not to be guessed: with a shorter one, digests are matched to guessed addresses by
trying all keys."""


def key_line(settings: Settings) -> CheckLine:
    """Whether the HMAC key is a secret of your own. Raises ConfigurationError where it can't be read."""
    key = settings.privacy.secret()
    if settings.privacy.key_is_public:
        advice = (
            "set STRAYMAIL_PRIVACY_KEY_FILE (or _KEY) to a secret, the same for all workers, before using real mail"
        )
        what = "the key is the public default: anybody can recover addresses by guessing"
        return CheckLine("warning", "privacy", what, advice)
    if len(key) < SHORTEST_KEY:
        advice = "make one with `openssl rand -base64 24`, the same for all workers; open findings then get new uids"
        return CheckLine("error", "privacy", f"the key has fewer than {SHORTEST_KEY} bytes: it can be guessed", advice)
    return CheckLine("ok", "privacy", "the key is your own")


def file_lines(settings: Settings) -> Iterator[CheckLine]:
    """A warning for each file with a key, a token or a password that somebody else can read or write."""
    for name, path in _secret_files(settings):
        if path is not None and (problem := exposure(path)) is not None:
            yield CheckLine("warning", name, problem, remedy(path))


def start_warnings(settings: Settings) -> list[CheckLine]:
    """What a worker should warn of when it starts. Raises ConfigurationError where the key can't be read."""
    line = key_line(settings)
    return [*([line] if line.level == "error" else []), *file_lines(settings)]


def _secret_files(settings: Settings) -> Iterator[tuple[str, Path | None]]:
    yield "privacy.key_file", settings.privacy.key_file
    yield "security.password_file", settings.security.password_file
    yield "security.key_file", settings.security.key_file
    yield "security.key_password_file", settings.security.key_password_file
    yield "console.token_file", settings.console.token_file
    yield "gate.token_file", settings.gate.token_file
    yield "notify.smtp_password_file", settings.notify.smtp_password_file
    for channel in settings.notify.channels:
        yield f"notify.channels: {channel.name}", channel.url_file
