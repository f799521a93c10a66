"""Checks every request (host name, request rate, login), and sets the security headers of every response."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from streams.clock import monotonic, now_ms
from streams.console.access import Access
from streams.console.rate_limit import RateLimit
from streams.console.responses import refusal

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
    "Server": "straymail",
}
NO_STORE = "no-store"
TRIES_A_SECOND, TRIES_AT_ONCE = 0.1, 5


class RequestGuard:
    """The checks, as one middleware for all routes."""

    def __init__(self, access: Access, rates: RateLimit) -> None:
        self._access, self._rates = access, rates
        self._tries = RateLimit(TRIES_A_SECOND, TRIES_AT_ONCE)

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse the request, or pass it to its handler."""
        refused = self._refused(request)
        if refused is not None:
            return refused
        try:
            return await handler(request)
        except web.HTTPException as error:
            return refusal(request, error.status, error.reason)

    @staticmethod
    async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
        """Set the headers of a response; called before they are sent."""
        response.headers.update(HEADERS)
        response.headers.setdefault("Cache-Control", NO_STORE)

    def try_token(self, request: web.Request, token: str) -> bool | None:
        """Whether the token is right; None where that address has tried too many wrong ones."""
        peer = request.remote or ""
        if not self._tries.allows(peer, monotonic()):
            return None
        right = self._access.token_matches(token)
        if not right:
            self._tries.take(peer, monotonic())
        return right

    def log_in(self, request: web.Request, response: web.StreamResponse) -> None:
        """Set the cookie of a new session."""
        response.set_cookie(
            COOKIE,
            self._access.session(now_ms()),
            httponly=True,
            samesite="Lax",  # Strict would ask for the token again whenever a link in a ticket is followed
            secure=request.secure or request.headers.get("X-Forwarded-Proto") == "https",
            path="/",
        )

    def _refused(self, request: web.Request) -> web.Response | None:
        if not self._access.host_allowed(request.host):
            return refusal(
                request,
                421,
                "This console only answers requests to localhost: it listens on loopback, without a login.",
            )
        if request.headers.get("Sec-Fetch-Site") == "cross-site" and request.path.startswith("/api/"):
            return refusal(request, 403, "Pages of other sites may not read this.")
        visitor = self._visitor(request)
        if not self._rates.take(visitor or request.remote or "", monotonic()):
            return refusal(request, 429, "Too many requests: wait a moment.")
        if visitor is None and request.path not in OPEN_PATHS:
            return self._unauthenticated(request)
        return None

    def _visitor(self, request: web.Request) -> str | None:
        """A name for the visitor, for rate limiting; None where the visitor is not authenticated."""
        access, peer = self._access, request.remote or ""
        if access.mode == "local":
            return peer
        if access.mode == "proxy":
            return access.user(peer, request.headers.get(access.user_header, ""))
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return peer if self.try_token(request, token.strip()) else None
        return peer if access.session_is_valid(request.cookies.get(COOKIE, ""), now_ms()) else None

    def _unauthenticated(self, request: web.Request) -> web.Response:
        if self._access.mode == "token" and request.method == "GET" and not request.path.startswith("/api/"):
            return web.Response(status=303, headers={"Location": "/login"})
        return refusal(request, 401, "Log in first.", {"WWW-Authenticate": "Bearer"})
