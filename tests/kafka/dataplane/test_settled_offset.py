"""What is committed with an offset, and read back from it."""

from __future__ import annotations

import struct
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.kafka.dataplane.settled_offset import CommitNote, NoteName, SettledOffset, metadata_of, note_of


@given(st.integers(0, 2**63 - 1), st.sampled_from(get_args(NoteName)), st.none() | st.integers(-(2**53), 2**53))
def test_a_note_is_read_back_by_its_name(offset: int, name: NoteName, value: int | None) -> None:
    note = None if value is None else CommitNote(name, value)
    settled = SettledOffset(offset, note)
    assert settled == offset
    assert struct.pack(">q", settled) == struct.pack(">q", offset)  # as it goes into the request
    assert [note_of(metadata_of(settled), each) for each in get_args(NoteName)].count(None) == 2 - (note is not None)
    assert note_of(metadata_of(settled), name) == note


def test_a_plain_offset_has_no_metadata() -> None:
    assert metadata_of(7) == ""


@pytest.mark.parametrize("metadata", [None, "", "newest_ms=", "newest_ms=soon", "consumer-1 2026-11-29", "18"])
def test_metadata_of_other_programs_has_no_note(metadata: str | None) -> None:
    assert note_of(metadata, "newest_ms") is None
