"""Tokens for the group's member, from an issuer over TLS."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError

from streams.kafka.dataplane.token_provider import TokenProvider
from streams.kafka.security import driver_security
from streams.kafka.settings import SecuritySettings
from tests.broker.certificates import Authority, missing_tool
from tests.broker.issuer import SCOPE, TokenIssuer
from tests.connections import all_closed

CLIENT, SECRET = "straymail", "client secret of the tests"

pytestmark = pytest.mark.process  # openssl signs the tokens


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    if reason := missing_tool():
        pytest.skip(reason)
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def issuer(authority: Authority) -> Iterator[TokenIssuer]:
    with TokenIssuer(authority.ca_file.parent, authority, {CLIENT: SECRET}) as issuer:
        yield issuer


def provider(issuer: TokenIssuer, authority: Authority, **changed: Any) -> TokenProvider:
    given = {
        "protocol": "SASL_PLAINTEXT",
        "mechanism": "OAUTHBEARER",
        "username": CLIENT,
        "password": SECRET,
        "token_url": issuer.token_url,
        "token_scope": SCOPE,
        "token_ca_file": authority.ca_file,
    }
    login = driver_security(SecuritySettings.model_validate(given | changed)).sasl
    assert login is not None
    assert login.issuer is not None
    return TokenProvider(login, login.issuer)


def tokens_of(provider: TokenProvider, count: int = 1) -> list[str]:
    """So many tokens, one asked for after the other."""

    async def ask() -> list[str]:
        try:
            return [await provider.token() for _ in range(count)]
        finally:
            await all_closed()

    return asyncio.run(ask())


@pytest.mark.parametrize(("life_s", "asked"), [(300, 1), (0, 2)])
def test_a_token_is_used_as_long_as_it_lives(
    issuer: TokenIssuer, authority: Authority, life_s: int, asked: int
) -> None:
    issuer.life_s = life_s
    for token in tokens_of(provider(issuer, authority), 2):
        assert token.count(".") == 2
    assert issuer.asked == asked


def test_an_answer_that_comes_in_pieces_is_read_whole(issuer: TokenIssuer, authority: Authority) -> None:
    issuer.also_said = {"roles": "x" * 600_000}
    assert tokens_of(provider(issuer, authority))


def test_an_answer_of_any_length_is_not_read(issuer: TokenIssuer, authority: Authority) -> None:
    issuer.also_said = {"roles": "x" * 1_100_000}
    with pytest.raises(KafkaConnectionError, match="its answer is too long"):
        tokens_of(provider(issuer, authority))


def test_an_answer_that_is_none_is_tried_again(issuer: TokenIssuer, authority: Authority) -> None:
    issuer.also_said = {"expires_in": "soon"}
    tokens = provider(issuer, authority)
    with pytest.raises(KafkaConnectionError, match="an expires_in that is no number"):
        tokens_of(tokens)
    issuer.also_said = {}
    assert tokens_of(tokens)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"password": "wrong"}, "status 401"),
        ({"token_scope": "other"}, "status 400"),
        ({"token_url": "https://127.0.0.1:1/token"}, "Cannot connect"),
        ({"token_ca_file": None}, "certificate verify failed"),
    ],
)
def test_without_a_token_the_reason_is_logged_and_no_secret(
    issuer: TokenIssuer, authority: Authority, caplog: pytest.LogCaptureFixture, changed: dict[str, Any], reason: str
) -> None:
    with pytest.raises(KafkaConnectionError, match=reason):
        tokens_of(provider(issuer, authority, **changed))
    assert reason in caplog.text
    assert SECRET not in caplog.text
    assert "wrong" not in caplog.text
