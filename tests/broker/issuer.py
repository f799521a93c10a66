"""A small OpenID issuer for tests: gives signed tokens for a client id and its secret, over TLS."""

from __future__ import annotations

import base64
import json
import ssl
import subprocess
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from tests.broker.certificates import Authority
from tests.http_server import HttpServer

AUDIENCE, SCOPE, KEY_ID = "kafka", "kafka.use", "tests"
LIFE_SECONDS = 300


class TokenIssuer(HttpServer):
    """`clients` are secrets by client id, which becomes the token's subject. `jwks` is the file by which a broker
    verifies tokens. Use it in a `with` statement; `asked` counts the requests."""

    def __init__(self, folder: Path, authority: Authority, clients: dict[str, str]) -> None:
        self._key, self.jwks = folder / "issuer-key.pem", folder / "jwks.json"
        self._clients, self.asked, self.life_s = clients, 0, LIFE_SECONDS
        self.also_said: dict[str, object] = {}
        _openssl("genrsa", "-out", str(self._key), "2048")
        modulus = _openssl("rsa", "-in", str(self._key), "-noout", "-modulus").decode().strip().partition("=")[2]
        key = {
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": KEY_ID,
            "e": "AQAB",
            "n": _text(bytes.fromhex(modulus)),
        }
        self.jwks.write_text(json.dumps({"keys": [key]}))
        super().__init__(_page(self._answer))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*authority.sign("issuer"))
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"https://127.0.0.1:{self.port}"
        self.token_url = f"{self.url}/token"

    def _answer(self, login: str, form: str) -> tuple[int, dict[str, Any]]:
        """Status and body for a login of HTTP and a form, as RFC 6749 has them."""
        self.asked += 1
        client, _, secret = base64.b64decode(login.removeprefix("Basic ")).decode().partition(":")
        if self._clients.get(client) != secret:
            return 401, {"error": "invalid_client", "error_description": "wrong client id or secret"}
        if form != f"grant_type=client_credentials&scope={SCOPE}":
            return 400, {"error": "invalid_scope"}
        return 200, {
            "access_token": self.token(client),
            "token_type": "Bearer",
            "expires_in": self.life_s,
        } | self.also_said

    def token(self, subject: str) -> str:
        """A token (JWT, RS256) for a subject."""
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": subject,
            "scope": SCOPE,
            "iat": now,
            "exp": now + self.life_s,
        }
        parts = ({"alg": "RS256", "typ": "JWT", "kid": KEY_ID}, claims)
        signed = ".".join(_text(json.dumps(part).encode()) for part in parts)
        signature = _openssl("dgst", "-sha256", "-sign", str(self._key), "-binary", given=signed.encode())
        return f"{signed}.{_text(signature)}"


def _page(answer: Callable[[str, str], tuple[int, dict[str, Any]]]) -> type[BaseHTTPRequestHandler]:
    class Page(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status, found = answer(self.headers["Authorization"], form)
            body = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    return Page


def _text(raw: bytes) -> str:
    """URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _openssl(*arguments: str, given: bytes = b"") -> bytes:
    return subprocess.run(["openssl", *arguments], check=True, input=given, capture_output=True).stdout
