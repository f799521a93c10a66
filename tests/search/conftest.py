"""One OpenSearch for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cache import UnavailableError
from tests.search.node import SEARCH_JARS, SearchNode, search_node


@pytest.fixture(scope="session")
def search_jars() -> None:
    """A real OpenSearch can be started."""
    try:
        SEARCH_JARS.folder()
    except UnavailableError as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def search(search_jars: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchNode]:
    """A node that answers."""
    with search_node(tmp_path_factory.mktemp("search")) as node:
        yield node
