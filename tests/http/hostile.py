"""Requests as a stranger may write them, byte by byte."""

from __future__ import annotations

import re

from hypothesis import strategies as st

from tests.http.flood import exchange_all

ANSWER_SECONDS = 4.0

PATHS = (
    *(b"/", b"/login", b"/logout", b"/health", b"/health/live", b"/health/ready", b"/metrics"),
    *(
        b"/api/findings",
        b"/api/findings/x",
        b"/api/overview",
        b"/api/openapi.json",
        b"/api/events",
        b"/static/main.js",
        b"/v1/check",
        b"/nosuch",
    ),
)
METHODS = (
    b"GET",
    b"POST",
    b"HEAD",
    b"PUT",
    b"DELETE",
    b"OPTIONS",
    b"PATCH",
    b"CONNECT",
    b"TRACE",
    b"PRI",
    b"get",
    b"X-Y",
)
NAMES = (
    *(b"Host", b"Authorization", b"Cookie", b"Content-Type", b"Content-Encoding", b"Transfer-Encoding", b"Expect"),
    *(b"Content-Length", b"Connection", b"Upgrade", b"Range", b"If-None-Match", b"If-Modified-Since", b"Origin"),
    *(b"Last-Event-ID", b"Accept", b"Accept-Encoding", b"X-User", b"X-Forwarded-Proto", b"Sec-Fetch-Site", b"Cookie2"),
)
VALUES = (
    b"application/json",
    *(b"localhost", b"localhost:99999999", b"[::1", b"]", b"a b", b"\xff\xfe", b"%ff", b"", b"x" * 9_000),
    *(
        b"Bearer \xff",
        b"Bearer",
        b"bearer  x ",
        b"Basic \xff",
        b"straymail=\xff",
        b"straymail=1.2.3",
        b"straymail=..",
        b'="',
    ),
    *(
        b"application/x-www-form-urlencoded; charset=bogus",
        b"multipart/form-data",
        b"multipart/form-data; boundary=\xff",
    ),
    *(
        b"application/json; charset=\x80",
        b"gzip",
        b"deflate",
        b"br",
        b"zstd",
        b"chunked",
        b"gzip, chunked",
        b"100-continue",
    ),
    *(b"-1", b"+1", b"99999999999999999999", b"0x10", b"5", b"upgrade", b"close", b"keep-alive", b"websocket", b"h2c"),
    *(
        b"bytes=9-1",
        b"*",
        b"W/",
        b"Thu, 99 Foo 0000",
        b"cross-site",
        b"0000000-99999999999999999999",
        b"\xc3\x28",
        b"\xf4\x90\x80\x80",
    ),
)
QUERIES = (
    *(b"", b"?", b"?%", b"?%ff=%fe", b"?since=%ff", b"?since=99999999999999d", b"?since=0001-01-01T00:00:00%2B14:00"),
    *(
        b"?limit=%D9%A3",
        b"?after=9999999999999999.x",
        b"?severity=\xff",
        b"?domain=%ed%a0%80",
        b"?a" + b"&a" * 2_000,
        b"#\xff",
    ),
    *(b"/%2e%2e/%00", b"/%zz", b"//", b"\\", b"?sender=" + b"%C4%B0" * 400),
)
BODIES = (
    b"",
    b'{"sender":"a@b","recipients":["a@army.ml"]}',
    b'{"sender":"\\ud800","recipients":["\\ud800@\\u0000"]}',
    b"token=x",
    b"token=%ff",
    b"\x1f\x8b\x08",
    b"5\r\ntoken\r\n0\r\n\r\n",
    b"z\r\n",
    b"--x\r\n\r\n",
    b"&" * 3_000,
)


def _or_bytes(known: tuple[bytes, ...], most: int = 40) -> st.SearchStrategy[bytes]:
    return st.one_of(st.sampled_from(known), st.sampled_from(known), st.binary(max_size=most))


HEADERS = st.lists(st.tuples(_or_bytes(NAMES, 12), _or_bytes(VALUES)), max_size=6)


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """A request that is almost one, or any bytes; the client sends nothing after it."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(min_size=1, max_size=200))
    target = draw(_or_bytes(PATHS)) + draw(st.one_of(st.just(b""), _or_bytes(QUERIES)))
    version = draw(st.sampled_from((b"HTTP/1.1", b"HTTP/1.1", b"HTTP/1.0", b"HTTP/0.9", b"HTTP/2.0", b"", b"\xff")))
    lines = [b"%b %b %b" % (draw(_or_bytes(METHODS, 8)), target, version)]
    if draw(st.booleans()):
        lines.append(b"Host: localhost")
    lines += [b"%b: %b" % header for header in draw(HEADERS)]
    return b"\r\n".join([*lines, b"", b""]) + draw(st.one_of(st.just(b""), _or_bytes(BODIES)))


EXAMPLES = [
    b"POST /v1/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 3\r\n\r\n[\xff]",
    b"GET /api/findings HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \xff\r\n\r\n",
    b"GET /api/findings HTTP/1.1\r\nHost: localhost\r\nCookie: straymail=\xff\r\n\r\n",
    b"GET /api/findings HTTP/1.1\r\nHost: [\r\n\r\n",
    b"GET /api/findings HTTP/1.0\r\n\r\n",
    b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded; charset=bogus\r\n"
    b"Content-Length: 7\r\n\r\ntoken=x",
    b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data\r\nContent-Length: 1\r\n\r\nx",
    b"POST /login HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n\r\n",
    b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08",
    b"GET /api/findings?domain=%ed%a0%80&after=%ff HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /api/events?since=%ff HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: \xff\r\n\r\n",
    b"GET /%ff%00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET http://[/x HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"CONNECT localhost:1 HTTP/1.1\r\nHost: localhost\r\n\r\nx",
    b"CONNECT \r\nHost: localhost\r\n\r\n",
    b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\nCONNECT \r\nHost: localhost\r\n\r\n",
    b"CONNECT xn--a:80 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET http://xn--a/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * 70_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 1_000 + b"\r\n",
    b"POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nExpect: \xff\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\nExpect: nothing\r\n\r\n",
]
"""Complete requests: each gets an answer."""


def statuses_of(answer: bytes) -> list[int]:
    """The status of each answer on a connection; there may be several."""
    return [int(status) for status in re.findall(rb"^HTTP/(?:0\.9|1\.[01]) ([0-9]{3}) ", answer, re.MULTILINE)]


def check_examples(port: int) -> None:
    """Every example, which is a complete request, is answered with a status below 500 by a server without a name."""
    for request, answer in zip(EXAMPLES, exchange_all(port, EXAMPLES, ANSWER_SECONDS), strict=True):
        assert statuses_of(answer), request
        _check(request, answer)


def check_each(port: int, several: list[bytes]) -> None:
    """Each request, complete or not, is answered with a status below 500, or not at all."""
    for request, answer in zip(several, exchange_all(port, several, 0.5), strict=True):
        _check(request, answer)


def _check(request: bytes, answer: bytes) -> None:
    assert max(statuses_of(answer), default=0) < 500, (request, answer)
    assert b"\r\nserver:" not in answer.lower()
