"""Settings of the Kafka connection and of the topics. Nothing here touches the network or a file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

STRICT = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
"""Inputs may contain a password, so pydantic must not show them (it takes this option from the outermost model)."""

HOST_PORT = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):(?P<port>\d{1,5})")
TOPIC_CHARACTERS = r"[A-Za-z0-9._-]*"
MAX_PREFIX = 200
"""Kafka allows 249 characters; the longest name after the prefix has fewer than 49."""


def parse_brokers(value: object) -> str:
    """Broker addresses (`host:port`), given comma-separated or as a list, as one comma-separated string. Raises
    ValueError."""
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not parts:
        raise ValueError("brokers is a list of host:port, such as kafka1:9092,kafka2:9092")
    return ",".join(_address(str(part).strip()) for part in parts)


def _address(text: str) -> str:
    match = HOST_PORT.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no broker's address: write host:port, such as kafka1:9092")
    if not 1 <= int(match["port"]) <= 65_535:
        raise ValueError(f"{text!r} has no valid port: it is between 1 and 65535")
    return text


def _keeps_secrets(url: str) -> bool:
    """Whether nobody else can read what is sent to this URL."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if parts.scheme == "http":
        return parts.hostname in ("127.0.0.1", "localhost", "::1")
    return parts.scheme == "https" and bool(parts.hostname)


class SecuritySettings(BaseModel):
    """Authentication of this client and of the brokers. A secret is given directly or in a file, not both."""

    model_config = STRICT

    protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT",
        description="Protocol of connections to the brokers: SSL encrypts, SASL needs a user name and a password",
    )
    mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] = Field(
        default="SCRAM-SHA-512",
        description="SASL mechanism, with a SASL protocol; OAUTHBEARER logs in with a token of an OpenID issuer",
    )
    username: str | None = Field(
        default=None, min_length=1, description="The user name, with a SASL protocol; with OAUTHBEARER the client id"
    )
    password: SecretStr | None = Field(default=None, description="Its password; with OAUTHBEARER the client secret")
    password_file: Path | None = Field(default=None, description="A file with the password, instead of `password`")
    token_url: str | None = Field(
        default=None,
        description="With OAUTHBEARER: URL at which the issuer gives a token for client id and secret, https:// "
        "(http:// on this machine)",
    )
    token_scope: str | None = Field(
        default=None, min_length=1, description="Scope to ask the issuer for, such as `kafka`; default: none"
    )
    token_ca_file: Path | None = Field(
        default=None,
        description="PEM file of the authorities that may sign the issuer's certificate; default: the system's",
    )
    ca_file: Path | None = Field(
        default=None,
        description="PEM file of the authorities that may sign a broker's certificate; default: the system's",
    )
    cert_file: Path | None = Field(
        default=None, description="PEM file of the client certificate, where brokers require one (mTLS)"
    )
    key_file: Path | None = Field(default=None, description="PEM file of its private key")
    key_password: SecretStr | None = Field(default=None, description="The private key's password, if it has one")
    key_password_file: Path | None = Field(
        default=None, description="A file with that password, instead of `key_password`"
    )

    @property
    def uses_sasl(self) -> bool:
        return self.protocol.startswith("SASL_")

    @property
    def uses_tls(self) -> bool:
        return self.protocol.endswith("SSL")

    @model_validator(mode="after")
    def _secrets_are_given_once(self) -> Self:
        for name in ("password", "key_password"):
            if getattr(self, name) is not None and getattr(self, f"{name}_file") is not None:
                raise ValueError(f"security.{name} and security.{name}_file are both set: keep one of them")
        return self

    @model_validator(mode="after")
    def _sasl_is_complete(self) -> Self:
        given = {name for name in ("username", "password", "password_file") if getattr(self, name) is not None}
        if given and not self.uses_sasl:
            raise ValueError(
                f"security.{min(given)} is set but security.protocol is {self.protocol}, which never sends it: "
                "use SASL_SSL (or SASL_PLAINTEXT)"
            )
        if self.uses_sasl and ("username" not in given or len(given) < 2):
            raise ValueError(
                f"security.protocol {self.protocol} needs security.username, and security.password or "
                "security.password_file"
            )
        return self

    @model_validator(mode="after")
    def _token_is_complete(self) -> Self:
        uses_token = self.uses_sasl and self.mechanism == "OAUTHBEARER"
        given = {name for name in ("token_url", "token_scope", "token_ca_file") if getattr(self, name) is not None}
        if given and not uses_token:
            raise ValueError(
                f"security.{min(given)} is set, which only a SASL protocol with security.mechanism OAUTHBEARER uses"
            )
        if uses_token and self.token_url is None:
            raise ValueError("security.mechanism OAUTHBEARER needs security.token_url")
        if self.token_url is not None and not _keeps_secrets(self.token_url):
            raise ValueError(
                "security.token_url begins with https://, or with http:// and this machine (127.0.0.1, localhost): the "
                "client secret is sent to it"
            )
        return self

    @model_validator(mode="after")
    def _tls_is_complete(self) -> Self:
        names = ("ca_file", "cert_file", "key_file", "key_password", "key_password_file")
        given = {name for name in names if getattr(self, name) is not None}
        if given and not self.uses_tls:
            raise ValueError(
                f"security.{min(given)} is set but security.protocol is {self.protocol}, which has no TLS: "
                "use SSL or SASL_SSL"
            )
        if ("cert_file" in given) != ("key_file" in given):
            raise ValueError("security.cert_file and security.key_file belong together: set both or neither")
        if "key_file" not in given and given & {"key_password", "key_password_file"}:
            raise ValueError("security.key_password is set without security.key_file")
        return self


class TopicSettings(BaseModel):
    """The topics that `topics create` creates and `topics check` expects. Days have 24 hours."""

    model_config = STRICT

    create: bool = Field(
        default=True,
        description="Create missing topics when a worker starts; set it to false where it may not create topics",
    )
    replication_factor: int = Field(
        default=-1, ge=-1, le=32_767, description="Replicas of each partition; -1: the brokers' default"
    )
    events_partitions: int = Field(
        default=8,
        ge=1,
        le=10_000,
        description="Partitions of mail.events: the largest number of workers that can score",
    )
    hits_partitions: int = Field(
        default=8,
        ge=1,
        le=10_000,
        description="Partitions of the hit topics and their state topics; can't be changed later",
    )
    alerts_partitions: int = Field(default=4, ge=1, le=10_000, description="Partitions of mail.alerts")
    dead_letters_partitions: int = Field(default=4, ge=1, le=10_000, description="Partitions of mail.dead-letters")
    correspondents_partitions: int = Field(default=4, ge=1, le=10_000, description="Partitions of mail.correspondents")
    gate_partitions: int = Field(default=1, ge=1, le=10_000, description="Partitions of mail.gate; one is enough")
    triage_partitions: int = Field(
        default=1, ge=1, le=10_000, description="Partitions of mail.triage; one is enough, can't be changed later"
    )
    events_days: int = Field(default=3, ge=1, le=36_500, description="Retention of mail events, in days")
    hits_days: int = Field(default=21, ge=1, le=36_500, description="Retention of typo hits, in days")
    alerts_days: int = Field(
        default=90,
        ge=8,
        le=36_500,
        description="Retention of alerts, in days; every state of a finding is kept for 7 days. Decisions on findings "
        "are kept for 30 days more",
    )
    dead_letters_days: int = Field(default=7, ge=1, le=36_500, description="Retention of dead letters, in days")
    correspondents_days: int = Field(
        default=400, ge=30, le=36_500, description="Retention of what is remembered of earlier mail, in days"
    )
    gate_days: int = Field(
        default=45,
        ge=1,
        le=36_500,
        description="Retention of what senders were asked and have confirmed, in days; not less than `gate.remember`",
    )
    event_max_bytes: int = Field(
        default=1_048_588, ge=10_000, le=100_000_000, description="Largest record that mail.events accepts, bytes"
    )

    @model_validator(mode="after")
    def _replication_factor_is_not_zero(self) -> Self:
        if self.replication_factor == 0:
            raise ValueError("topics.replication_factor is at least 1, or -1 for the brokers' default")
        return self


class KafkaSettings(BaseModel):
    """All settings of a Kafka client."""

    model_config = STRICT

    brokers: Annotated[str, BeforeValidator(parse_brokers)] = Field(
        default="127.0.0.1:9092",
        description="Bootstrap servers: host:port of some brokers, comma-separated",
    )
    security: SecuritySettings = SecuritySettings()
    client_id: str = Field(
        default="straymail",
        pattern=r"^[A-Za-z0-9._-]{1,100}$",
        description="Kafka client id: straymail's name in the brokers' logs and quotas",
    )
    topic_prefix: str = Field(
        default="",
        max_length=MAX_PREFIX,
        pattern=f"^{TOPIC_CHARACTERS}$",
        description="Prefix of all topic names and of the group, such as `history.`; keeps pipelines apart",
    )
    topics: TopicSettings = TopicSettings()
