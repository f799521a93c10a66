"""Sessions of visitors who have entered the token."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.console import sessions
from streams.console.sessions import SESSION_MS, Sessions
from tests.console.test_access import TOKEN

NOW_MS = 1_700_000_000_000
OWN = Sessions(TOKEN)
COOKIE = OWN.new(NOW_MS)


def test_sessions_last_twelve_hours_also_after_a_restart() -> None:
    assert OWN.read(COOKIE, NOW_MS + SESSION_MS - 1)
    assert OWN.read(COOKIE, NOW_MS + SESSION_MS) is None
    assert Sessions(TOKEN).read(COOKIE, NOW_MS)
    assert Sessions(TOKEN + "x").read(COOKIE, NOW_MS) is None
    assert Sessions("").read(Sessions("").new(NOW_MS), NOW_MS) is None


@given(st.one_of(st.text(st.characters(), max_size=200), st.integers(0, len(COOKIE) - 1).map(lambda at: COOKIE[:at])))
def test_a_cookie_cannot_be_forged(cookie: str) -> None:
    assert OWN.read(cookie, NOW_MS) is None


def test_a_changed_cookie_is_no_session() -> None:
    until, identity, signature = COOKIE.split(".")
    for forged in (f"{int(until) + 1}.{identity}.{signature}", f"{until}.0.{signature}", f"{until}..{signature}"):
        assert OWN.read(forged, NOW_MS) is None


def test_a_session_that_was_revoked_has_ended_and_others_have_not() -> None:
    own = Sessions(TOKEN)
    first, other = own.new(NOW_MS), own.new(NOW_MS)
    session = own.read(first, NOW_MS)
    assert session is not None
    own.revoke(session, NOW_MS)
    assert own.read(first, NOW_MS) is None
    assert not own.is_open(session, NOW_MS)
    assert own.read(other, NOW_MS)


def test_what_is_remembered_of_revoked_sessions_is_bounded_and_none_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "REVOKED_KEPT", 10)
    own = Sessions(TOKEN)
    cookies = [own.new(NOW_MS + number) for number in range(40)]
    for number, cookie in enumerate(cookies):
        session = own.read(cookie, NOW_MS + number)
        if session is not None:
            own.revoke(session, NOW_MS + number)
        assert len(own._revoked) <= 10
        assert not [each for each in cookies[: number + 1] if own.read(each, NOW_MS + number)]
    assert own.read(own.new(NOW_MS + 50), NOW_MS + 50)
