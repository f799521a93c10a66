"""What is committed with an offset, and read back from it."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.kafka.dataplane.settled_offset import SettledOffset, metadata_of, newest_ms_of


@given(st.integers(0, 2**63 - 1), st.none() | st.integers(-(2**53), 2**53))
def test_the_event_time_is_read_back(offset: int, newest_ms: int | None) -> None:
    settled = SettledOffset(offset, newest_ms)
    assert settled == offset
    assert struct.pack(">q", settled) == struct.pack(">q", offset)  # as it goes into the request
    assert newest_ms_of(metadata_of(settled)) == newest_ms


def test_a_plain_offset_has_no_metadata() -> None:
    assert metadata_of(7) == ""


@pytest.mark.parametrize("metadata", [None, "", "newest_ms=", "newest_ms=soon", "consumer-1 2026-11-29", "18"])
def test_metadata_of_other_programs_has_no_event_time(metadata: str | None) -> None:
    assert newest_ms_of(metadata) is None
