"""A saying is kept once, for as long as it is held."""

import pytest

from streams.findings.store.interned import InternedDomains
from tests.findings.samples import hit


def test_a_saying_is_kept_while_it_is_held() -> None:
    pool, said = InternedDomains(), hit().mistaken_domain
    number = pool.hold(said)
    assert pool.hold(hit().mistaken_domain) == number
    assert pool.hold(hit(listed=True).mistaken_domain) != number
    pool.release(number)
    assert pool[number] == said
    pool.release(number)
    with pytest.raises(KeyError):
        pool[number]
    assert [other.listed for other in pool] == [True]
    assert pool.hold(said) != number, "a number is never given to another saying"
