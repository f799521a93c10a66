"""A real Kafka with authentication: SASL_SSL and SASL_PLAINTEXT (user name and password), SSL (certificate).

Clients on PLAINTEXT are superusers: tests set things up through it.
"""

from __future__ import annotations

from pathlib import Path

from tests.broker.apache import ApacheKafka
from tests.broker.certificates import Authority
from tests.broker.issuer import AUDIENCE, TokenIssuer

USER, PASSWORD = "straymail", "pass word of the tests"
CERTIFIED = "certified"
"""The name in the certificate of SSL clients; their principal is User:CN=certified."""


class SecureKafka(ApacheKafka):
    """`USER` can log in with SCRAM, PLAIN or a token of `issuer`, `CERTIFIED` with its certificate; neither has any ACL
    at first."""

    def __init__(self, folder: Path) -> None:
        self.authority = Authority(folder)
        self.issuer = TokenIssuer(folder, self.authority, {USER: PASSWORD})
        store = self.authority.keystore("broker")
        scram = f"name={USER},password={PASSWORD}"
        super().__init__(
            listeners=["SASL_SSL", "SASL_PLAINTEXT", "SSL"],
            properties=_tls(store, self.authority.ca_file) | _sasl() | _tokens(self.issuer) | _acl_properties(),
            format_arguments=[f"--add-scram=SCRAM-SHA-{bits}=[{scram}]" for bits in (256, 512)],
            java_options=[f"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={self.issuer.jwks.as_uri()}"],
        )

    def prepare(self) -> None:
        self.issuer.__enter__()
        super().prepare()

    def close(self) -> None:
        super().close()
        self.issuer.__exit__(None, None, None)


def _tls(store: Path, ca_file: Path) -> dict[str, str]:
    return {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(store),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(ca_file),
        "listener.name.ssl.ssl.client.auth": "required",
    }


def _sasl() -> dict[str, str]:
    modules = "org.apache.kafka.common.security"
    logins = {
        "scram-sha-256": f"{modules}.scram.ScramLoginModule required;",
        "scram-sha-512": f"{modules}.scram.ScramLoginModule required;",
        "plain": f'{modules}.plain.PlainLoginModule required user_{USER}="{PASSWORD}";',
        "oauthbearer": f"{modules}.oauthbearer.OAuthBearerLoginModule required;",
    }
    return {"sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER"} | {
        f"listener.name.{listener}.{mechanism}.sasl.jaas.config": login
        for listener in ("sasl_ssl", "sasl_plaintext")
        for mechanism, login in logins.items()
    }


def _tokens(issuer: TokenIssuer) -> dict[str, str]:
    """Tokens are verified by Kafka's own handler, as in production."""
    handler = "org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler"
    listeners = ("sasl_ssl", "sasl_plaintext")
    handlers = {f"listener.name.{name}.oauthbearer.sasl.server.callback.handler.class": handler for name in listeners}
    return handlers | {
        "sasl.oauthbearer.jwks.endpoint.url": issuer.jwks.as_uri(),
        "sasl.oauthbearer.expected.audience": AUDIENCE,
        "sasl.oauthbearer.expected.issuer": issuer.url,
    }


def _acl_properties() -> dict[str, str]:
    return {
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
    }
