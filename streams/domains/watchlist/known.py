"""Known domains: real ones, that this organisation writes to or that are on a popularity list."""

from __future__ import annotations

from pathlib import Path

from streams.domains.names import canonical
from streams.errors import ConfigurationError, MalformedDomain


def read_known_domains(path: Path) -> frozenset[str]:
    """The canonical names in a file: one per line, or `rank,domain` as in popularity lists.

    Raises ConfigurationError.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: the file of known domains can't be read ({error})") from error
    known = set()
    for number, line in enumerate(text.splitlines(), 1):
        name = line.partition("#")[0].rpartition(",")[2].strip()
        if name:
            try:
                known.add(canonical(name))
            except MalformedDomain as error:
                raise ConfigurationError(f"{path}, line {number}: {error}") from error
    return frozenset(known)
