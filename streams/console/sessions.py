"""Sessions of visitors who have entered the token: signed cookies, and a list of those that were logged out."""

from __future__ import annotations

import hmac
import secrets
from typing import NamedTuple

SESSION_MS = 12 * 3_600_000
REVOKED_KEPT = 100_000


class Session(NamedTuple):
    """One login: its id, and when it ends by itself (integer ms since the epoch)."""

    identity: str
    until_ms: int


class Sessions:
    """Sessions last twelve hours, also after a restart of the console: a cookie carries the session, signed with the
    token. `revoke` ends one, which is remembered in memory until it would have ended by itself."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._revoked: dict[Session, None] = {}
        self._all_until_ms = 0

    def new(self, now_ms: int) -> str:
        """The value of a cookie."""
        signed = f"{now_ms + SESSION_MS}.{secrets.token_hex(8)}"
        return f"{signed}.{self._signature(signed)}"

    def read(self, cookie: str, now_ms: int) -> Session | None:
        """The session of a cookie; None where `new` didn't make the cookie, or where the session has ended."""
        signed, _, signature = cookie.rpartition(".")
        if not self._token or not hmac.compare_digest(as_bytes(signature), self._signature(signed).encode()):
            return None
        until, _, identity = signed.partition(".")
        session = Session(identity, int(until))
        return session if self.is_open(session, now_ms) else None

    def is_open(self, session: Session, now_ms: int) -> bool:
        """Whether the session has neither ended nor been revoked."""
        return max(now_ms, self._all_until_ms) < session.until_ms and session not in self._revoked

    def revoke(self, session: Session, now_ms: int) -> None:
        """End the session. Where more have been revoked than can be remembered, all that exist end."""
        self._revoked[session] = None
        if len(self._revoked) <= REVOKED_KEPT:
            return
        self._revoked = {each: None for each in self._revoked if each.until_ms > now_ms}
        if len(self._revoked) > REVOKED_KEPT // 2:
            self._revoked.clear()
            self._all_until_ms = now_ms + SESSION_MS

    def _signature(self, signed: str) -> str:
        return hmac.new(self._token.encode(), b"straymail console " + as_bytes(signed), "sha256").hexdigest()


def as_bytes(text: str) -> bytes:
    """The text of a header; bytes of it that are not UTF-8 have become lone surrogates."""
    return text.encode("utf-8", "surrogatepass")
