"""A mistaken domain is stored once, as long as it has references."""

import pytest

from streams.findings.store.interned import InternedDomains
from tests.findings.samples import hit


def test_a_domain_is_kept_until_its_last_reference_is_released() -> None:
    pool, domain = InternedDomains(), hit().mistaken_domain
    number = pool.acquire(domain)
    assert pool.acquire(hit().mistaken_domain) == number
    assert pool.acquire(hit(listed=True).mistaken_domain) != number
    pool.release(number)
    assert pool[number] == domain
    pool.release(number)
    with pytest.raises(KeyError):
        pool[number]
    assert [other.listed for other in pool] == [True]
    assert pool.acquire(domain) != number, "a number is never used again"
