"""The journal of mails: one use at a time, claims on disk, and what is forgotten."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.errors import StraymailError
from streams.notify.journal import KEPT_MS, Journal

NOW_MS = 1_790_000_000_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with Journal(path) as journal:
        yield journal


def test_a_claim_is_settled_or_given_up(journal: Journal) -> None:
    for finding in ("sent", "refused", "open", "released"):
        journal.claim(finding, f"sender of {finding}", NOW_MS)
        assert journal.state(finding) == "claimed"
    journal.settle("sent", "sent")
    journal.settle("refused", "refused")
    journal.release("released")
    states = {finding: journal.state(finding) for finding in ("sent", "refused", "open", "released", "other")}
    assert states == {"sent": "sent", "refused": "refused", "open": "claimed", "released": None, "other": None}


def test_the_journal_and_the_files_beside_it_are_for_their_owner_alone(path: Path) -> None:
    before = os.umask(0)
    try:
        with Journal(path) as journal:
            journal.claim("f", "jo", NOW_MS)
            files = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    finally:
        os.umask(before)
    assert files == {"journal.sqlite": 0o600, "journal.sqlite-journal": 0o600}


@pytest.mark.parametrize(("state", "counts"), [("claimed", True), ("sent", True), ("refused", False)])
def test_a_sender_was_notified_where_a_mail_was_sent_or_may_have_been(
    journal: Journal, state: str, counts: bool
) -> None:
    journal.claim("f", "jo", NOW_MS)
    if state != "claimed":
        journal.settle("f", state)  # type: ignore[arg-type]
    assert journal.notified_since("jo", NOW_MS - 1) is counts
    assert not journal.notified_since("jo", NOW_MS)
    assert not journal.notified_since("kim", 0)


def test_a_claim_outlives_a_crash_and_so_does_the_position(path: Path) -> None:
    with Journal(path) as journal:
        journal.claim("f", "jo", NOW_MS)
        journal.save_position(0, 41)
        journal.save_position(0, 42)
        journal.save_position(3, 7)
    with Journal(path) as journal:
        assert journal.state("f") == "claimed"
        assert journal.positions() == {0: 43, 3: 8}


def test_a_new_journal_has_no_position(journal: Journal) -> None:
    assert journal.positions() == {}


def test_what_no_window_can_reach_is_forgotten_with_the_next_claim(journal: Journal) -> None:
    journal.claim("old", "jo", NOW_MS)
    journal.claim("younger", "jo", NOW_MS + 1)
    journal.claim("new", "jo", NOW_MS + KEPT_MS + 1)
    assert [journal.state(finding) for finding in ("old", "younger", "new")] == [None, "claimed", "claimed"]


def test_a_second_process_is_refused(journal: Journal, path: Path) -> None:
    with pytest.raises(StraymailError, match="only one `straymail notify` can use it at a time"), Journal(path):
        pass


def test_a_journal_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StraymailError, match="can't use the journal"), Journal(tmp_path / "none" / "journal"):
        pass
    (tmp_path / "text").write_text("this is no database, but it is long enough to look like one" * 20)
    with pytest.raises(StraymailError, match="can't use the journal"), Journal(tmp_path / "text"):
        pass


def test_it_is_open_inside_its_block_alone(path: Path) -> None:
    journal = Journal(path)
    with pytest.raises(RuntimeError, match="only inside its with statement"):
        journal.positions()
