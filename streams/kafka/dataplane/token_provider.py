"""Tokens of an OpenID issuer for aiokafka, which, unlike librdkafka, gets none itself."""

from __future__ import annotations

import logging
from asyncio import IncompleteReadError

import aiohttp
from aiokafka.abc import AbstractTokenProvider
from aiokafka.errors import KafkaConnectionError
from pydantic import BaseModel, ValidationError

from streams import clock
from streams.kafka.security import Sasl, TokenIssuer

log = logging.getLogger(__name__)

ANSWER_SECONDS = 10.0
MOST_BYTES = 1_000_000
USED_PART = 0.8
"""A token is used for this part of its life: a connection that is made with it lives on."""


class _Answer(BaseModel):
    """Without `expires_in` (seconds) a token is asked for each time."""

    access_token: str
    expires_in: float = 0.0


class _TooLongError(Exception):
    """An answer of more than MOST_BYTES."""


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
            self._renew_s = clock.monotonic() + USED_PART * answer.expires_in
            self._token = answer.access_token
        return self._token

    async def _ask(self) -> _Answer:
        form = {"grant_type": "client_credentials"} | ({"scope": self._issuer.scope} if self._issuer.scope else {})
        headers = {"Authorization": aiohttp.encode_basic_auth(self._login.username, self._login.password)}
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        try:
            async with (
                aiohttp.ClientSession(headers=headers, timeout=timeout) as session,
                session.post(self._issuer.url, data=form, ssl=self._issuer.tls, allow_redirects=False) as response,
            ):
                if response.ok:
                    return _Answer.model_validate_json(await _body(response))
                reason = f"status {response.status}"
        except _TooLongError:
            reason = "its answer is too long"
        except ValidationError:
            reason = "its answer has no access_token, or an expires_in that is no number"
        except (aiohttp.ClientError, TimeoutError) as error:
            reason = str(error) or type(error).__name__
        log.warning("no token from security.token_url: %s", reason)
        raise KafkaConnectionError(f"no token from security.token_url: {reason}")


async def _body(response: aiohttp.ClientResponse) -> bytes:
    """The whole body. Raises _TooLongError before more than MOST_BYTES are kept."""
    try:
        await response.content.readexactly(MOST_BYTES)
    except IncompleteReadError as ended:
        return ended.partial
    raise _TooLongError
