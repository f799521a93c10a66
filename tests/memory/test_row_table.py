from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.memory.row_table import RowTable

digests = st.sampled_from([*range(20), *(7 << 40 | each for each in range(20)), 2**64 - 1])
steps = st.lists(st.tuples(st.booleans(), digests, st.integers(0, 9)), max_size=120)


@given(steps)
def test_a_table_is_a_dict(steps: list[tuple[bool, int, int]]) -> None:
    table, expected = RowTable(60, 4, day_at=2, proof_at=0), dict[int, bytes]()
    for is_put, digest, day in steps:
        assert (table.get(digest) if day % 2 else None) == (expected.get(digest) if day % 2 else None)
        if is_put:
            row = bytes([0, day % 2, 0, day])
            table.put(digest, row)
            expected[digest] = row
        else:
            assert table.remove(digest) == (expected.pop(digest, None) is not None)
        assert len(table) == len(expected)
        assert table.get(digest) == expected.get(digest)
    assert {digest: table.get(digest) for digest in expected} == expected
    assert dict(table.items()) == expected
    assert sorted(table.before(5)) == sorted(digest for digest, row in expected.items() if row[3] < 5)
    first = table.first_to_go(len(expected) // 2)
    assert len(set(first)) == len(expected) // 2
    left = [(row[1], row[3]) for digest, row in expected.items() if digest not in first]
    assert all((expected[digest][1], expected[digest][3]) <= min(left) for digest in first)


def test_a_full_table_takes_no_new_row() -> None:
    table = RowTable(2, 2, day_at=0, proof_at=0)
    table.put(1, b"ab")
    table.put(2, b"cd")
    table.put(1, b"ef")
    with pytest.raises(IndexError):
        table.put(3, b"gh")
    assert table.get(1) == b"ef"
    assert table.get(3) is None
