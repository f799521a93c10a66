"""The sources by name, each imported only when it is used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from streams.did_you_mean import or_list
from streams.errors import UsageError

if TYPE_CHECKING:
    from streams.sources.source import Source, SourceOptions

SOURCES = {
    "postfix": "postfix.Postfix",
    "exim": "exim.Exim",
    "sendmail": "sendmail.Sendmail",
    "m365": "m365.M365",
    "exchange": "exchange.Exchange",
    "defender": "defender.Defender",
    "google": "google.Google",
    "zeek": "zeek.Zeek",
    "suricata": "suricata.Suricata",
    "mbox": "mailbox.Mbox",
    "eml": "mailbox.Messages",
    "jsonl": "jsonl.JsonLines",
}
"""The class that reads a source, by the source's name on the command line."""


def source_named(name: str, options: SourceOptions | None = None) -> Source:
    """A new source of that name. Raises UsageError for an unknown name."""
    if name not in SOURCES:
        raise UsageError(f"there is no source {name!r}: {or_list(name, SOURCES)}")
    from streams.sources.source import SourceOptions  # late: every `--help` needs the names, but not the classes

    module, _, cls = SOURCES[name].partition(".")
    source: Source = getattr(import_module(f"streams.sources.{module}"), cls)(options or SourceOptions())
    return source
