"""Mails of a log that may get more lines."""

from __future__ import annotations

import pytest

from streams.sources.open_mails import LINGER_MS, OpenMails


def keys(mails: OpenMails, now_ms: int) -> list[str]:
    """The first part of the identity of the mails that are quiet now."""
    return [mail.identity[0] for mail in mails.quiet(now_ms)]


def test_a_mail_is_quiet_a_while_after_its_first_new_line_however_many_follow() -> None:
    mails = OpenMails()
    mails.touch("a", ("a",), 1_000)
    mails.touch("a", ("a",), 1_000 + LINGER_MS - 1)
    mails.touch("b", ("b",), 5_000)
    assert keys(mails, 1_000 + LINGER_MS - 1) == []
    assert keys(mails, 1_000 + LINGER_MS) == ["a"]
    assert keys(mails, 1_000 + LINGER_MS) == []
    assert keys(mails, 5_000 + LINGER_MS) == ["b"]


def test_a_mail_that_is_done_goes_and_another_waits_for_more() -> None:
    mails = OpenMails()
    mails.touch("done", ("done",), 0).is_done = True
    waiting = mails.touch("open", ("open",), 0)
    assert keys(mails, LINGER_MS) == ["done", "open"]
    assert mails.get("done") is None
    assert mails.get("open") is waiting
    assert mails.touch("open", ("other",), 99) is waiting
    assert (waiting.identity, waiting.active_ms, waiting.first_ms) == (("open",), 99, 0)


def test_an_earlier_line_sets_the_time_until_the_mail_was_emitted() -> None:
    mails = OpenMails()
    mail = mails.touch("a", ("a",), 50)
    mails.touch("a", ("a",), 40)
    assert mail.first_ms == 40
    mail.emitted = {"x@y": "delivered"}
    mails.touch("a", ("a",), 30)
    assert mail.first_ms == 40


def test_a_mail_has_changed_once_it_is_complete_and_until_it_was_emitted() -> None:
    mail = OpenMails().touch("a", ("a",), 0)
    assert not mail.has_changed
    mail.recipients = {"a@x.org": "delivered"}
    assert not mail.has_changed
    mail.sender = ""
    assert mail.has_changed
    mail.emitted = dict(mail.recipients)
    assert not mail.has_changed


def test_beyond_the_most_the_oldest_leave_early_and_the_oldest_that_wait_are_over() -> None:
    mails = OpenMails(allowed=2)
    for key in "abc":
        mails.touch(key, (key,), 0)
    assert keys(mails, 0) == ["a"]
    assert keys(mails, LINGER_MS) == ["b", "c", "a"]
    assert (len(mails), mails.get("a")) == (2, None)


def test_state_comes_back_from_its_dump() -> None:
    mails, again = OpenMails(), OpenMails()
    mails.touch("waiting", ("w", "1"), 0).recipients = {"a@x.org": "deferred"}
    assert keys(mails, LINGER_MS) == ["w"]
    mails.touch("active", ("a",), 77)
    again.load(mails.dump())
    assert (again.dump(), again.newest_ms, len(again)) == (mails.dump(), 77, 2)
    assert [mail.identity for mail in again.drain()] == [("a",), ("w", "1")]
    assert (len(again), again.newest_ms) == (0, 0)


@pytest.mark.parametrize("state", [b"", b"{", b'{"stirred": {"a": 1}}'])
def test_what_is_no_dump_is_refused(state: bytes) -> None:
    with pytest.raises(ValueError, match="not a state of open mails"):
        OpenMails().load(state)


def test_a_mail_is_taken_out_by_its_key() -> None:
    mails = OpenMails()
    mail = mails.touch("a", ("a",), 0)
    assert mails.pop("a") is mail
    assert mails.pop("a") is None
