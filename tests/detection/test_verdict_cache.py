"""What is remembered of a domain, and for how long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.detection.verdict_cache import Unknown, VerdictCache
from tests.domains.watching import watching


def test_the_cache_is_bounded_and_forgets_what_was_not_asked_for() -> None:
    cache = VerdictCache(10)
    cache.keep("asked", None)
    for number in range(100):
        cache.keep(f"d{number}", None)
        if "asked" not in cache.young:
            assert cache.recall("asked") is None
    assert len(cache) <= 10
    assert cache.recall("asked") is None
    assert cache.recall("d1") is Unknown


def test_no_typo_is_something_else_than_unknown() -> None:
    cache, verdict = VerdictCache(10), watching("army.mil").score("army.ml")
    cache.keep("army.ml", verdict)
    cache.keep("army.mil", None)
    assert (cache.young["army.ml"], cache.young["army.mil"]) == (verdict, None)
    assert cache.recall("navy.ml") is Unknown


@pytest.mark.parametrize("size", [0, 1, 2])
def test_the_smallest_cache_still_has_the_last_domain(size: int) -> None:
    cache = VerdictCache(size)
    for domain in ("a", "b", "c"):
        cache.keep(domain, None)
        assert domain in cache.young
    assert len(cache) <= 2


@given(st.integers(2, 20), st.lists(st.sampled_from("abcdefghij"), max_size=200))
def test_whatever_is_asked_for_no_more_is_kept_than_its_size(size: int, asked: list[str]) -> None:
    cache = VerdictCache(size)
    for domain in asked:
        if domain not in cache.young and cache.recall(domain) is Unknown:
            cache.keep(domain, None)
        assert domain in cache.young
        assert len(cache) <= size
