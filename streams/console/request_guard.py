"""What every request passes: the host's name, the visitor's rate, the login; and the headers of every answer."""

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
NOT_KEPT = "no-store"
TRIES_A_SECOND, TRIES_AT_ONCE = 0.1, 5


class RequestGuard:
    """One middleware for all."""

    def __init__(self, access: Access, rates: RateLimit) -> None:
        self._access, self._rates = access, rates
        self._tries = RateLimit(TRIES_A_SECOND, TRIES_AT_ONCE)

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse, or let the handler answer."""
        refused = self._refused(request)
        if refused is not None:
            return refused
        try:
            return await handler(request)
        except web.HTTPException as error:
            return refusal(request, error.status, error.reason)

    @staticmethod
    async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
        """Called for each answer before its headers are sent."""
        response.headers.update(HEADERS)
        response.headers.setdefault("Cache-Control", NOT_KEPT)

    def try_token(self, request: web.Request, token: str) -> bool | None:
        """Whether the token is right; None where that address has given too many wrong ones."""
        peer = request.remote or ""
        if not self._tries.left(peer, monotonic()):
            return None
        right = self._access.knows_token(token)
        if not right:
            self._tries.take(peer, monotonic())
        return right

    def log_in(self, request: web.Request, response: web.StreamResponse) -> None:
        """Give the visitor a session."""
        response.set_cookie(
            COOKIE,
            self._access.session(now_ms()),
            httponly=True,
            samesite="Lax",  # Strict would ask everybody for the token who follows a link from a ticket
            secure=request.secure or request.headers.get("X-Forwarded-Proto") == "https",
            path="/",
        )

    def _refused(self, request: web.Request) -> web.Response | None:
        if not self._access.host_allowed(request.host):
            return refusal(request, 421, "This console answers to localhost alone: it listens on loopback, unlocked.")
        if request.headers.get("Sec-Fetch-Site") == "cross-site" and request.path.startswith("/api/"):
            return refusal(request, 403, "Another site's page may not read this.")
        visitor = self._visitor(request)
        if not self._rates.take(visitor or request.remote or "", monotonic()):
            return refusal(request, 429, "Too many requests: wait a moment.")
        if visitor is None and request.path not in OPEN_PATHS:
            return self._not_let_in(request)
        return None

    def _visitor(self, request: web.Request) -> str | None:
        """A name for the visitor; None for one who isn't let in."""
        access, peer = self._access, request.remote or ""
        if access.mode == "local":
            return peer
        if access.mode == "proxy":
            return access.user(peer, request.headers.get(access.user_header, ""))
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return peer if self.try_token(request, token.strip()) else None
        return peer if access.session_holds(request.cookies.get(COOKIE, ""), now_ms()) else None

    def _not_let_in(self, request: web.Request) -> web.Response:
        if self._access.mode == "token" and request.method == "GET" and not request.path.startswith("/api/"):
            return web.Response(status=303, headers={"Location": "/login"})
        return refusal(request, 401, "Log in first.", {"WWW-Authenticate": "Bearer"})
