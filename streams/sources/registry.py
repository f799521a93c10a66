"""The sources by name, each imported only when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from streams.errors import UsageError

if TYPE_CHECKING:
    from streams.sources.source import Source, SourceOptions

SOURCES = {
    "postfix": "postfix.Postfix",
    "exim": "exim.Exim",
    "m365": "m365.M365",
    "google": "google.Google",
    "zeek": "zeek.Zeek",
    "suricata": "suricata.Suricata",
    "mbox": "mailbox.Mbox",
    "eml": "mailbox.Messages",
    "jsonl": "jsonl.JsonLines",
}
"""What the command line calls a source, and the class that reads it."""


def source_named(name: str, options: SourceOptions | None = None) -> Source:
    """A new source of that name. Raises UsageError where there is none."""
    if name not in SOURCES:
        raise UsageError(f"there is no source {name!r}; the sources are {', '.join(SOURCES)}")
    from streams.sources.source import SourceOptions  # late: the names alone are asked for by every `--help`

    module, _, cls = SOURCES[name].partition(".")
    source: Source = getattr(import_module(f"streams.sources.{module}"), cls)(options or SourceOptions())
    return source
