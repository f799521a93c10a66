"""The security settings, as librdkafka takes them and as an asyncio driver takes them.

Secrets are read here, at the moment a client is made, and are in no repr and no message.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from streams.errors import ConfigurationError
from streams.kafka.settings import KafkaSettings, SecuritySettings


@dataclass(frozen=True, slots=True)
class Sasl:
    """A name and how its password is proved; `mechanism` is Kafka's word (`SCRAM-SHA-512`)."""

    mechanism: str
    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class DriverSecurity:
    """What a driver needs beside the address: `tls` is None for an open connection, `sasl` where nobody logs in."""

    protocol: str
    tls: ssl.SSLContext | None
    sasl: Sasl | None


def librdkafka_config(settings: KafkaSettings) -> dict[str, str]:
    """What every client on librdkafka begins with; brokers' names are verified. Raises ConfigurationError."""
    security = settings.security
    config = {
        "bootstrap.servers": settings.brokers,
        "client.id": settings.client_id,
        "security.protocol": security.protocol,
    }
    sasl = _sasl(security)
    if sasl is not None:
        config |= {"sasl.mechanism": sasl.mechanism, "sasl.username": sasl.username, "sasl.password": sasl.password}
    return config | (_tls_config(security) if security.uses_tls else {})


def _tls_config(security: SecuritySettings) -> dict[str, str]:
    _tls(security)  # tells in the settings' words what is wrong with a file; librdkafka knows only its own
    entries = {
        "ssl.ca.location": security.ca_file,
        "ssl.certificate.location": security.cert_file,
        "ssl.key.location": security.key_file,
        "ssl.key.password": _secret(security.key_password, security.key_password_file, "key_password_file"),
    }
    return {name: str(value) for name, value in entries.items() if value is not None}


def driver_security(security: SecuritySettings) -> DriverSecurity:
    """The same for a driver that takes Python's own TLS context; raises ConfigurationError."""
    return DriverSecurity(security.protocol, _tls(security) if security.uses_tls else None, _sasl(security))


def _sasl(security: SecuritySettings) -> Sasl | None:
    if not security.uses_sasl:
        return None
    password = _secret(security.password, security.password_file, "password_file")
    if security.username is None or password is None:
        raise ConfigurationError(f"security.protocol {security.protocol} needs a user name and a password")
    return Sasl(security.mechanism, security.username, password)


def _tls(security: SecuritySettings) -> ssl.SSLContext:
    """Verifies the broker's certificate and its name against `ca_file`, or against the system's authorities."""
    ca_file = _readable(security.ca_file, "ca_file")
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except ssl.SSLError as error:
        raise ConfigurationError(f"security.ca_file: {ca_file} holds no PEM certificates ({error.reason})") from error
    cert_file, key_file = _readable(security.cert_file, "cert_file"), _readable(security.key_file, "key_file")
    if cert_file is None:
        return context
    key_password = _secret(security.key_password, security.key_password_file, "key_password_file")
    try:
        # Without a password OpenSSL would ask on the terminal; an empty one fails as a wrong one does.
        context.load_cert_chain(cert_file, key_file, password=key_password or "")
    except ssl.SSLError as error:
        raise ConfigurationError(
            f"security.cert_file and security.key_file: {cert_file} and {key_file} are no PEM certificate and its "
            f"private key, or security.key_password is not the key's ({error.reason or 'it could not be read'})"
        ) from error
    return context


def _secret(value: SecretStr | None, path: Path | None, setting: str) -> str | None:
    if value is not None:
        return value.get_secret_value()
    if path is None:
        return None
    secret = _text(path, setting).rstrip("\r\n")
    if not secret:
        raise ConfigurationError(f"security.{setting}: {path} is empty, it should hold the password")
    return secret


def _readable(path: Path | None, setting: str) -> str | None:
    """The path as text, once the file has been read, so that a wrong one is told by its setting's name."""
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
