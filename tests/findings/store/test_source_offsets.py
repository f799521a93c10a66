"""Offsets of mail.events up to which hits have been counted."""

from streams.findings.store.source_offsets import SourceOffsets, source_key

ONE, TWO, THREE = (source_key(b"rule", b"domain", partition) for partition in (1, 2, 3))


def test_offsets_up_to_the_highest_were_counted() -> None:
    offsets = SourceOffsets()
    assert not offsets.has(ONE, 0)
    offsets.set(ONE, 7)
    assert [offsets.has(ONE, offset) for offset in (0, 7, 8)] == [True, True, False]
    assert not offsets.has(TWO, 7)


def test_changes_are_taken_once_and_restored() -> None:
    offsets, restored = SourceOffsets(), SourceOffsets()
    offsets.set(ONE, 7)
    offsets.set(ONE, 8)
    offsets.set(TWO, 0)
    changes = list(offsets.take_changes())
    assert changes == [(ONE, 8), (TWO, 0)]
    for key, offset in changes:
        restored.restore(key, offset)
    restored.restore(TWO, None)
    assert (restored.has(ONE, 8), restored.has(TWO, 0)) == (True, False)
    assert list(offsets.take_changes()) == list(restored.take_changes()) == []


def test_the_least_recently_changed_are_forgotten() -> None:
    offsets = SourceOffsets(max_entries=2)
    for key in (ONE, TWO, ONE, THREE):
        offsets.set(key, 7)
    assert [offsets.has(key, 7) for key in (ONE, TWO, THREE)] == [True, False, True]
    assert dict(offsets.take_changes()) == {ONE: 7, TWO: None, THREE: 7}


def test_forgetting_deletes_what_is_stored() -> None:
    offsets = SourceOffsets()
    offsets.restore(ONE, 7)
    offsets.forget()
    assert not offsets.has(ONE, 0)
    assert list(offsets.take_changes()) == [(ONE, None)]
