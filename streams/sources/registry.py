"""The sources by name, each imported only when it is asked for."""

from __future__ import annotations

from importlib import import_module

from streams.errors import UsageError
from streams.sources.names import SOURCES
from streams.sources.source import Source, SourceOptions


def source_named(name: str, options: SourceOptions | None = None) -> Source:
    """A new source of that name. Raises UsageError where there is none."""
    if name not in SOURCES:
        raise UsageError(f"there is no source {name!r}; the sources are {', '.join(SOURCES)}")
    module, _, cls = SOURCES[name].partition(".")
    source: Source = getattr(import_module(f"streams.sources.{module}"), cls)(options or SourceOptions())
    return source
