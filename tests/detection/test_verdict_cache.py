"""The verdict cache: which verdicts it has, and how many."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.detection.verdict_cache import NotCached, VerdictCache
from tests.domains.scorers import scorer_of


def test_the_cache_is_bounded_and_drops_what_was_not_used_lately() -> None:
    cache = VerdictCache(10)
    cache.put("asked", None)
    for number in range(100):
        cache.put(f"d{number}", None)
        if "asked" not in cache.young:
            assert cache.promote("asked") is None
    assert len(cache) <= 10
    assert cache.promote("asked") is None
    assert cache.promote("d1") is NotCached


def test_a_domain_that_is_no_typo_differs_from_one_that_is_not_cached() -> None:
    cache, verdict = VerdictCache(10), scorer_of("army.mil").score("army.ml")
    cache.put("army.ml", verdict)
    cache.put("army.mil", None)
    assert (cache.young["army.ml"], cache.young["army.mil"]) == (verdict, None)
    assert cache.promote("navy.ml") is NotCached


@pytest.mark.parametrize("size", [0, 1, 2])
def test_the_smallest_cache_still_has_the_last_domain(size: int) -> None:
    cache = VerdictCache(size)
    for domain in ("a", "b", "c"):
        cache.put(domain, None)
        assert domain in cache.young
    assert len(cache) <= 2


@given(st.integers(2, 20), st.lists(st.sampled_from("abcdefghij"), max_size=200))
def test_the_cache_never_exceeds_its_size(size: int, asked: list[str]) -> None:
    cache = VerdictCache(size)
    for domain in asked:
        if domain not in cache.young and cache.promote(domain) is NotCached:
            cache.put(domain, None)
        assert domain in cache.young
        assert len(cache) <= size
