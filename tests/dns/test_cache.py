"""The cache whose entries expire."""

from __future__ import annotations

from streams.dns.cache import ExpiringCache


def test_an_entry_is_there_until_its_time() -> None:
    cache: ExpiringCache[str | None] = ExpiringCache(10)
    cache.put("army.ml", None, 5.0)
    assert cache.get("army.ml", 4.9) == (None,)
    assert cache.get("army.ml", 5.0) is None
    assert len(cache) == 0


def test_the_oldest_goes_where_there_are_too_many() -> None:
    cache: ExpiringCache[int] = ExpiringCache(2)
    for number, name in enumerate(("a.ml", "b.ml", "a.ml", "c.ml")):
        cache.put(name, number, 9.0)
    assert [cache.get(name, 0.0) for name in ("a.ml", "b.ml", "c.ml")] == [(2,), None, (3,)]
