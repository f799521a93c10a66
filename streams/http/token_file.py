"""The token of a web server, in the file that a setting names."""

from __future__ import annotations

from pathlib import Path

from streams.errors import ConfigurationError

TOKEN_LENGTH = 16
"""The fewest characters of a token."""


def read_token(path: Path, setting: str) -> str:
    """The text of the file, without blanks around it. Raises ConfigurationError, which begins with the setting's name,
    where the file is unreadable or its token too short."""
    try:
        token = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{setting}: can't read {path}: {error}") from error
    if len(token) < TOKEN_LENGTH:
        raise ConfigurationError(f"{setting}: {path} has fewer than {TOKEN_LENGTH} characters")
    return token
