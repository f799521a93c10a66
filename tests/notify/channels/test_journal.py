"""The journal of channels: claims on disk, what was sent, positions; each channel on its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.errors import StraymailError
from streams.notify.channels.journal import ChannelJournal, SentState
from streams.notify.journal import KEPT_MS
from streams.severity import Severity

NOW_MS = 1_790_000_000_000
SENT = SentState("f1", 7, Severity.HIGH)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


@pytest.fixture
def journal(path: Path) -> Iterator[ChannelJournal]:
    with ChannelJournal(path) as journal:
        yield journal


def test_what_was_settled_is_there_after_a_restart_and_what_was_claimed_too(path: Path) -> None:
    with ChannelJournal(path) as journal:
        journal.claim("soc", ["f1"])
        journal.settle("soc", [SENT], {0: 8, 3: 1}, NOW_MS)
        journal.claim("soc", ["f2", "f3"])
        journal.release("soc", ["f3"])
    with ChannelJournal(path) as journal:
        assert (journal.last_sent("soc", "f1"), journal.last_sent("soc", "f2")) == (SENT, None)
        assert journal.claimed("soc") == {"f2"}
        assert journal.positions("soc") == {0: 8, 3: 1}


def test_channels_know_nothing_of_each_other(journal: ChannelJournal) -> None:
    journal.claim("soc", ["f1", "f2"])
    journal.save_positions("soc", {0: 1})
    journal.settle("pager", [SENT], {0: 5}, NOW_MS)
    assert (journal.last_sent("soc", "f1"), journal.claimed("pager"), journal.claimed("soc")) == (
        None,
        set(),
        {"f1", "f2"},
    )
    assert (journal.positions("soc"), journal.positions("pager"), journal.positions("new")) == ({0: 1}, {0: 5}, {})


def test_a_failure_within_a_step_changes_nothing(journal: ChannelJournal) -> None:
    journal.claim("soc", ["f1"])
    with pytest.raises(OverflowError):
        journal.settle("soc", [SENT], {0: 2**70}, NOW_MS)
    assert (journal.claimed("soc"), journal.last_sent("soc", "f1"), journal.positions("soc")) == ({"f1"}, None, {})


def test_old_entries_are_dropped(journal: ChannelJournal) -> None:
    journal.settle("soc", [SENT], {}, NOW_MS)
    journal.settle("soc", [SENT._replace(finding="f2")], {}, NOW_MS + KEPT_MS + 1)
    assert journal.last_sent("soc", "f1") is None


def test_it_has_one_user_at_a_time_and_is_private(path: Path) -> None:
    with ChannelJournal(path):
        with pytest.raises(StraymailError, match="only one `straymail notify` can use it"):
            ChannelJournal(path).__enter__()
        assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(RuntimeError, match="inside its with statement"):
        ChannelJournal(path).positions("soc")
