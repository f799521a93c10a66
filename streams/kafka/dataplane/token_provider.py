"""Tokens of an OpenID issuer for aiokafka, which, unlike librdkafka, gets none itself."""

from __future__ import annotations

import logging
from typing import Any

import aiohttp
from aiokafka.abc import AbstractTokenProvider
from aiokafka.errors import KafkaConnectionError

from streams import clock
from streams.kafka.security import Sasl, TokenIssuer

log = logging.getLogger(__name__)

ANSWER_SECONDS = 10.0
USED_PART = 0.8
"""A token is used for this part of its life: a connection that is made with it lives on."""


class TokenProvider(AbstractTokenProvider):  # type: ignore[misc]  # aiokafka has no types
    """Gets tokens for the login's client id and secret, and keeps one for most of its life."""

    def __init__(self, login: Sasl, issuer: TokenIssuer) -> None:
        self._login, self._issuer = login, issuer
        self._token, self._renew_s = "", float("-inf")

    async def token(self) -> str:
        """The present token. Raises aiokafka's KafkaConnectionError where the issuer gives none: the client tries
        again, as it does where a broker is away."""
        if clock.monotonic() >= self._renew_s:
            answer = await self._ask()
            self._renew_s = clock.monotonic() + USED_PART * float(answer.get("expires_in") or 0)
            self._token = str(answer["access_token"])
        return self._token

    async def _ask(self) -> dict[str, Any]:
        form = {"grant_type": "client_credentials"} | ({"scope": self._issuer.scope} if self._issuer.scope else {})
        headers = {"Authorization": aiohttp.encode_basic_auth(self._login.username, self._login.password)}
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        try:
            async with (
                aiohttp.ClientSession(headers=headers, timeout=timeout) as session,
                session.post(self._issuer.url, data=form, ssl=self._issuer.tls, allow_redirects=False) as response,
            ):
                answer = await response.json() if response.ok else {}
                reason = f"status {response.status}"
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            answer, reason = {}, str(error) or type(error).__name__
        if not isinstance(answer, dict) or "access_token" not in answer:
            log.warning("no token from security.token_url: %s", reason)
            raise KafkaConnectionError(f"no token from security.token_url: {reason}")
        return answer
