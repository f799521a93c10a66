"""The state of a window, its key and its packed form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.events.finding import CLOSE, FINAL, LATE, OPEN, UPDATE
from streams.findings.store.interned import InternedDomains
from streams.findings.store.names import DOMAINS_KEPT
from streams.findings.store.window_state import (
    WindowState,
    header_of,
    is_late,
    key_of,
    neighbour,
    packed_hits,
    release,
    start_of,
    unpack_window,
    window_key,
)
from tests.findings.samples import DAY_MS, hit
from tests.findings.store.samples import DIGEST, RULE, filled, parts
from tests.findings.store.test_tally import entry


def test_a_packed_window_is_restored() -> None:
    window, pool = filled(), InternedDomains()
    packed = window.pack(pool)
    assert header_of(packed).is_open
    assert packed_hits(packed) == [(0).to_bytes(8), (1).to_bytes(8)]
    assert list(pool) == [hit(group="allies").mistaken_domain]
    assert parts(unpack_window(window.key, RULE, packed, pool)) == parts(window)
    assert list(pool) == []


@pytest.mark.parametrize("first_hit", [b"", b"12345678"])
def test_keys(first_hit: bytes) -> None:
    key = window_key(DIGEST, b"k" * 16, -5, first_hit)
    assert (start_of(key), key_of(key), is_late(key)) == (-5, b"k" * 16, bool(first_hit))
    assert start_of(neighbour(key, DAY_MS)) == DAY_MS - 5
    assert not is_late(neighbour(key, DAY_MS))


@given(st.binary(min_size=4, max_size=4), st.binary(min_size=16, max_size=16), st.integers(-(2**62), 2**62))
def test_a_window_key_has_the_rule_the_key_and_the_start(rule: bytes, name: bytes, start_ms: int) -> None:
    key = window_key(rule, name, start_ms)
    assert (key[:4], key_of(key), start_of(key)) == (rule, name, start_ms)
    assert neighbour(neighbour(key, DAY_MS), -DAY_MS) == key


@pytest.mark.parametrize(
    ("progress", "activity", "is_open"),
    [(OPEN, UPDATE, True), (LATE, UPDATE, True), (FINAL, UPDATE, False), (OPEN, CLOSE, False)],
)
def test_a_finding_is_open_until_it_is_final_or_withdrawn(progress: str, activity: int, is_open: bool) -> None:
    window = filled()
    assert window.last_alert is not None
    fields = {name: getattr(window.last_alert, name) for name in window.last_alert.__struct_fields__}
    window.last_alert = type(window.last_alert)(**{**fields, "window": progress, "activity": activity})
    assert window.is_open is header_of(window.pack(InternedDomains())).is_open is is_open


def test_an_unpublished_window_is_not_open() -> None:
    window = filled()
    window.last_alert = None
    assert not window.is_open


@pytest.mark.parametrize(
    ("domains", "named", "has_all_names"),
    [(0, 0, True), (2, 2, True), (2, 1, False), (DOMAINS_KEPT + 9, DOMAINS_KEPT, True), (DOMAINS_KEPT + 9, 1, False)],
)
def test_names_are_missing_if_fewer_are_known_than_are_kept(domains: int, named: int, has_all_names: bool) -> None:
    window = WindowState(window_key(DIGEST, bytes(16), 0), RULE, 0, 0)
    for number in range(domains):
        window.tally.add(entry(hit=number, mail=number, domain=number), 10_000)
    for number in range(named):
        window.names.add_domain(number.to_bytes(4), hit(domain=f"army{number}.ml").mistaken_domain)
    assert window.has_all_names is has_all_names


def test_every_packed_window_has_references_in_the_pool() -> None:
    pool = InternedDomains()
    headers = [header_of(filled(number).pack(pool)) for number in range(2)]
    assert list(pool) == [hit(group="allies").mistaken_domain]
    release(headers[0], pool)
    assert list(pool) == [hit(group="allies").mistaken_domain]
    release(headers[1], pool)
    assert list(pool) == []
