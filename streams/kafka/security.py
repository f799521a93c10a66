"""The security settings in the forms that librdkafka and an asyncio driver take.

Secrets are read here, when a client is created, and appear in no repr and no message.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from streams.errors import ConfigurationError
from streams.kafka.settings import KafkaSettings, SecuritySettings


@dataclass(frozen=True, slots=True)
class TokenIssuer:
    """Where tokens come from, for the user name (as client id) and the password (as client secret) of a login. `tls` is
    the context for it."""

    url: str
    scope: str | None
    tls: ssl.SSLContext


@dataclass(frozen=True, slots=True)
class Sasl:
    """A user name and its password; `mechanism` is the SASL mechanism as Kafka names it (`SCRAM-SHA-512`). `issuer` is
    None where the login isn't by token."""

    mechanism: str
    username: str
    password: str = field(repr=False)
    issuer: TokenIssuer | None = None


@dataclass(frozen=True, slots=True)
class DriverSecurity:
    """The security of a driver's connections: `tls` is None without TLS, `sasl` is None without a login."""

    protocol: str
    tls: ssl.SSLContext | None
    sasl: Sasl | None


def librdkafka_config(settings: KafkaSettings) -> dict[str, str]:
    """The base configuration of every librdkafka client; with TLS, broker host names are verified. Raises
    ConfigurationError."""
    security = settings.security
    config = {
        "bootstrap.servers": settings.brokers,
        "client.id": settings.client_id,
        "security.protocol": security.protocol,
    }
    sasl = _sasl(security)
    if sasl is not None and sasl.issuer is not None:
        config |= _token_config(security, sasl)
    elif sasl is not None:
        config |= {"sasl.mechanism": sasl.mechanism, "sasl.username": sasl.username, "sasl.password": sasl.password}
    return config | (_tls_config(security) if security.uses_tls else {})


def _token_config(security: SecuritySettings, sasl: Sasl) -> dict[str, str]:
    """librdkafka gets the tokens itself, and renews them."""
    entries = {
        "sasl.mechanism": sasl.mechanism,
        "sasl.oauthbearer.method": "oidc",
        "sasl.oauthbearer.client.id": sasl.username,
        "sasl.oauthbearer.client.secret": sasl.password,
        "sasl.oauthbearer.token.endpoint.url": security.token_url,
        "sasl.oauthbearer.scope": security.token_scope,
        "https.ca.location": security.token_ca_file,
    }
    return {name: str(value) for name, value in entries.items() if value is not None}


def _tls_config(security: SecuritySettings) -> dict[str, str]:
    _tls(security)  # its errors name the setting of an invalid file; those of librdkafka don't
    entries = {
        "ssl.ca.location": security.ca_file,
        "ssl.certificate.location": security.cert_file,
        "ssl.key.location": security.key_file,
        "ssl.key.password": _secret(security.key_password, security.key_password_file, "key_password_file"),
    }
    return {name: str(value) for name, value in entries.items() if value is not None}


def driver_security(security: SecuritySettings) -> DriverSecurity:
    """The security of a driver that takes Python's TLS context; raises ConfigurationError."""
    return DriverSecurity(security.protocol, _tls(security) if security.uses_tls else None, _sasl(security))


def _sasl(security: SecuritySettings) -> Sasl | None:
    if not security.uses_sasl:
        return None
    password = _secret(security.password, security.password_file, "password_file")
    if security.username is None or password is None:
        raise ConfigurationError(f"security.protocol {security.protocol} needs a user name and a password")
    return Sasl(security.mechanism, security.username, password, _issuer(security))


def _issuer(security: SecuritySettings) -> TokenIssuer | None:
    if security.token_url is None:
        return None
    tls = _trusting(security.token_ca_file, "token_ca_file")
    return TokenIssuer(security.token_url, security.token_scope, tls)


def _tls(security: SecuritySettings) -> ssl.SSLContext:
    """A context that verifies the broker's certificate and host name against `ca_file`, or the system's authorities."""
    context = _trusting(security.ca_file, "ca_file")
    cert_file, key_file = _readable(security.cert_file, "cert_file"), _readable(security.key_file, "key_file")
    if cert_file is None:
        return context
    key_password = _secret(security.key_password, security.key_password_file, "key_password_file")
    try:
        # Without a password OpenSSL would prompt on the terminal; an empty one fails like a wrong one.
        context.load_cert_chain(cert_file, key_file, password=key_password or "")
    except ssl.SSLError as error:
        raise ConfigurationError(
            f"security.cert_file and security.key_file: {cert_file} and {key_file} are no PEM certificate and its "
            f"private key, or security.key_password doesn't match the key ({error.reason or 'it could not be read'})"
        ) from error
    return context


def _trusting(authorities: Path | None, setting: str) -> ssl.SSLContext:
    """A context that verifies certificate and host name against the file of this setting, or the system's
    authorities."""
    ca_file = _readable(authorities, setting)
    try:
        return ssl.create_default_context(cafile=ca_file)
    except ssl.SSLError as error:
        raise ConfigurationError(
            f"security.{setting}: {ca_file} contains no PEM certificates ({error.reason})"
        ) from error


def _secret(value: SecretStr | None, path: Path | None, setting: str) -> str | None:
    if value is not None:
        return value.get_secret_value()
    if path is None:
        return None
    secret = _text(path, setting).rstrip("\r\n")
    if not secret:
        raise ConfigurationError(f"security.{setting}: {path} is empty, it should contain the password")
    return secret


def _readable(path: Path | None, setting: str) -> str | None:
    """The path as text, once the file has been read, so that an error about it names the setting."""
    if path is None:
        return None
    _text(path, setting)
    return str(path)


def _text(path: Path, setting: str) -> str:
    try:
        return path.read_text()
    except OSError as error:
        raise ConfigurationError(f"security.{setting}: can't read {path} ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"security.{setting}: {path} is no text file") from error
