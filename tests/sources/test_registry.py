"""The sources by name."""

import pytest

from streams.errors import UsageError
from streams.sources.registry import SOURCES, source_named
from streams.sources.source import SourceOptions


@pytest.mark.parametrize("name", SOURCES)
def test_each_name_makes_a_source_of_that_name(name: str) -> None:
    source, named = source_named(name), source_named(name, SourceOptions(name="relay"))
    assert (source.kind, named.kind, named.name) == (name, name, "relay")
    assert source is not source_named(name)


def test_an_unknown_name_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(UsageError, match="there is no source 'nosuch': use postfix, exim"):
        source_named("nosuch")
