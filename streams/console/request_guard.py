"""Checks every request (host name, request rate, login), and sets the security headers of every response."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from streams.clock import monotonic, now_ms
from streams.console.access import Access
from streams.console.rate_limit import RateLimit
from streams.console.responses import refusal
from streams.console.sessions import Session, Sessions
from streams.http.connection_pool import address_group

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
COOKIE = "straymail"
OPEN_PATHS = frozenset({"/login", "/health", "/static/login.css"})
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
NO_STORE = "no-store"
OWN_HEADER = "X-Straymail"
"""A header that a page of another site can't send without asking first, which is never allowed (CORS)."""
WRONG_TOKENS_A_SECOND, WRONG_TOKENS_AT_ONCE = 0.1, 5


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who sent a request: `name` for the rate limit, `holder` for the limit of event streams, empty where visitors
    can't be told apart; `user` decides on findings, where `may_decide`; the session, where there is one."""

    name: str
    holder: str
    user: str
    may_decide: bool
    session: Session | None = None


HOST_REFUSED = {
    "local": "This console only answers requests to localhost: it listens on loopback, without a login.",
    "proxy": "This console doesn't answer to this host name: add it to console.hosts, where it is one of yours.",
}
TOO_MANY_WRONG = "Too many wrong tokens: wait a minute. The right one is accepted all the same."
VISITOR = web.RequestKey("visitor", Visitor)
"""The key of the Visitor in a request that the guard has let in."""


class RequestGuard:
    """The checks, as one middleware for all routes. `per_second` is the request rate of one visitor.

    Who isn't authenticated has limits apart, by address: behind a proxy everybody has the same one, and whoever sends
    wrong tokens through it must not shut out the others. The right token and an open session always pass them.
    """

    def __init__(self, access: Access, per_second: int) -> None:
        self._access, self._sessions = access, Sessions(access.token)
        self._rates = RateLimit(per_second, 5 * per_second)
        self._strangers = RateLimit(per_second, 5 * per_second)
        self._wrong_tokens = RateLimit(WRONG_TOKENS_A_SECOND, WRONG_TOKENS_AT_ONCE)

    @property
    def has_login(self) -> bool:
        """Whether visitors log in and out here."""
        return self._access.mode == "token"

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse the request, or pass it to its handler."""
        refused = self._refused(request)
        if refused is not None:
            return refused
        try:
            return await handler(request)
        except web.HTTPException as error:
            allow = error.headers.get("Allow")
            return refusal(request, error.status, error.reason, {"Allow": allow} if allow else None)

    @staticmethod
    async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
        """Set the headers of a response; called before they are sent."""
        response.headers.update(HEADERS)
        response.headers.setdefault("Cache-Control", NO_STORE)

    def try_token(self, request: web.Request, token: str) -> bool | None:
        """Whether the token is right; None for a wrong one from an address that has sent too many."""
        if self._access.token_matches(token):
            return True
        return False if self._wrong_tokens.take(address_group(request.remote or ""), monotonic()) else None

    def log_in(self, request: web.Request, response: web.StreamResponse) -> None:
        """Set the cookie of a new session."""
        response.set_cookie(
            COOKIE,
            self._sessions.new(now_ms()),
            httponly=True,
            samesite="Lax",  # Strict would ask for the token again whenever a link in a ticket is followed
            secure=request.secure or request.headers.get("X-Forwarded-Proto") == "https",
            path="/",
        )

    def log_out(self, request: web.Request, response: web.StreamResponse) -> None:
        """End the session of the request, for whoever has its cookie, and remove the cookie."""
        visitor = request[VISITOR]
        if visitor.session is not None:
            self._sessions.revoke(visitor.session, now_ms())
        response.del_cookie(COOKIE, path="/")

    def is_still_let_in(self, visitor: Visitor) -> bool:
        """Whether the session of a visitor who was let in, if there is one, is still open."""
        return visitor.session is None or self._sessions.is_open(visitor.session, now_ms())

    def _refused(self, request: web.Request) -> web.Response | None:
        if request.path == "/health":  # a probe may use any name, and must not be refused for what others do
            return None
        if not self._access.host_allowed(request.headers.get("Host", "")):
            return refusal(request, 421, HOST_REFUSED[self._access.mode])
        if request.headers.get("Sec-Fetch-Site") == "cross-site" and request.path.startswith("/api/"):
            return refusal(request, 403, "Pages of other sites may not read this.")
        visitor = self._visitor(request)
        if visitor is None:
            return None if request.path in OPEN_PATHS else self._unauthenticated(request)
        if not self._rates.take(visitor.name, monotonic()):
            return refusal(request, 429, "Too many requests: wait a moment.")
        request[VISITOR] = visitor
        return None

    def _visitor(self, request: web.Request) -> Visitor | None:
        """None where the visitor is not authenticated."""
        access, peer = self._access, request.remote or ""
        if access.mode == "local":
            return self._known("local", "", access.own_name)
        if access.mode == "proxy":
            user = access.user(peer, request.headers.get(access.user_header, ""))
            return self._known(user, user, user) if user else None
        session = self._sessions.read(request.cookies.get(COOKIE, ""), now_ms())
        name = f"session {session.identity}" if session else f"token from {address_group(peer)}"
        if session is None and not access.token_matches(_bearer(request)):
            return None
        holder = name if access.is_shared(peer) else address_group(peer)
        return self._known(name, holder, access.own_name, session)

    def _known(self, name: str, holder: str, user: str, session: Session | None = None) -> Visitor:
        return Visitor(name, holder, user, self._access.may_decide(user), session)

    def _unauthenticated(self, request: web.Request) -> web.Response:
        address = address_group(request.remote or "")
        if not self._strangers.take(address, monotonic()):
            return refusal(request, 429, "Too many requests without a login: wait a moment.")
        if self.has_login and _bearer(request) and not self._wrong_tokens.take(address, monotonic()):
            return refusal(request, 429, TOO_MANY_WRONG)
        if self.has_login and request.method == "GET" and not request.path.startswith("/api/"):
            return web.Response(status=303, headers={"Location": "/login"})
        return refusal(request, 401, "Log in first.", {"WWW-Authenticate": "Bearer"})


def is_of_own_page(request: web.Request) -> bool:
    """Whether a request that changes something comes from the console's own page, or from a program: no page of
    another site, nor of a sibling domain, can send it in a visitor's name."""
    return OWN_HEADER in request.headers and request.headers.get("Sec-Fetch-Site", "none") in ("same-origin", "none")


def _bearer(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
