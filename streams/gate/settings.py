"""Settings of the gate."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import NoDecode

from streams.comma_list import comma_list
from streams.durations import MS_PER_UNIT, parse_duration_ms
from streams.http.token_file import TOKEN_LENGTH, read_token

Mode = Literal["audit", "warn", "confirm", "reject"]
_ADDRESS = re.compile(r"unix:.+|(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):(\d{1,5})")
_STORE = r"^(kafka|file:.+)$"
_BOUNDS_MS = {
    "wait": (0, MS_PER_UNIT["h"]),
    "window": (60_000, MS_PER_UNIT["d"]),
    "remember": (MS_PER_UNIT["h"], 400 * MS_PER_UNIT["d"]),
    "deadline": (10, 1_000),
}
"""Least and most of each duration. A mail system that waits for 2 s must have the answer before."""


def _listen_address(text: str) -> str:
    match = _ADDRESS.fullmatch(text)
    if match is None or (match[1] is not None and not 1 <= int(match[1]) <= 65_535):
        raise ValueError(f"{text!r} is no address to listen on: write HOST:PORT or unix:PATH")
    return text


ListenAddress = Annotated[str, AfterValidator(_listen_address)]
"""`HOST:PORT`, with IPv6 in brackets, or `unix:PATH`."""


class GateSettings(BaseModel):
    """What the gate does with a slip, where it listens, and where it keeps its decisions."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    mode: Mode = Field(
        "audit",
        description="What becomes of mail to a slip: it passes and is counted; it passes and `straymail notify` tells "
        "the sender; it is refused until the sender confirms; it is refused",
    )
    listed: Mode | None = Field(
        None, description="`mode` for listed mistakes; `confirm` refuses them: nobody can confirm one"
    )
    certain: Mode | None = Field(None, description="`mode` for other certain slips")
    doubtful: Mode | None = Field(None, description="`mode` for slips that are not certain")
    store: str = Field(
        "kafka",
        pattern=_STORE,
        description="Where decisions are kept: `kafka`, for several gates, or `file:PATH`, an sqlite3 file",
    )
    wait: str | int = Field("30s", description="How long a sender waits before sending again confirms")
    window: str | int = Field("60m", description="How long a sender may take to confirm")
    remember: str | int = Field("30d", description="How long a confirmation holds")
    deadline: str | int = Field("100ms", description="How long an answer may take; after that the mail passes")
    automatic: Annotated[tuple[str, ...], NoDecode, BeforeValidator(comma_list)] = Field(
        (), description="Logins or senders that are never asked: programs, which can't confirm"
    )
    reply: Path | None = Field(
        None,
        description="File with the text of refusals: a line for those that the sender can confirm, and one for the "
        "others; `straymail gate --reply` prints the default",
    )
    policy: ListenAddress | None = Field(
        None, description="Where to listen for Postfix's policy protocol: HOST:PORT or unix:PATH"
    )
    milter: ListenAddress | None = Field(None, description="Where to listen for the milter protocol")
    http: ListenAddress | None = Field(None, description="Where to serve `POST /v1/check`")
    firewalled: bool = Field(
        False,
        description="Whether a firewall lets only your mail systems reach the addresses of policy and milter; else the "
        "gate warns of those beyond loopback: whoever asks may claim any login",
    )
    socket_group: str | None = Field(
        None, min_length=1, description="Group of unix sockets, such as postfix; their mode is 0660"
    )
    connections: int = Field(10_000, ge=1, le=100_000, description="Most open connections of one listener")
    token: SecretStr | None = Field(
        None, min_length=TOKEN_LENGTH, description="The token of HTTP requests, 16 characters or more"
    )
    token_file: Path | None = Field(None, description="A file with the token, instead of `token`")
    host: str = Field(
        "127.0.0.1", description="Address of the gate's own /metrics and health pages; 0.0.0.0 in a container"
    )
    port: int = Field(6067, ge=1, le=65_535, description="Port of /metrics, /health/live and /health/ready of the gate")

    @field_validator(*_BOUNDS_MS, mode="before")
    @classmethod
    def _duration(cls, given: Any, info: ValidationInfo) -> Any:
        least, most = _BOUNDS_MS[str(info.field_name)]
        if not least <= parse_duration_ms(given) <= most:
            raise ValueError(f"{info.field_name} must be from {least / 1000:g} s to {most // 1000} s, not {given!r}")
        return given

    @model_validator(mode="after")
    def _are_in_order(self) -> GateSettings:
        wait_ms, window_ms, remember_ms = map(parse_duration_ms, (self.wait, self.window, self.remember))
        if not wait_ms < window_ms <= remember_ms:
            raise ValueError("gate.wait must be shorter than gate.window, and that no longer than gate.remember")
        return self

    @property
    def file(self) -> Path | None:
        """The sqlite3 file with the decisions; None where they are kept in Kafka."""
        return Path(self.store.removeprefix("file:")) if self.store.startswith("file:") else None

    def http_token(self) -> str | None:
        """The token, from its setting or its file; None without one. Raises ConfigurationError as `read_token` does."""
        if self.token_file is None:
            return self.token.get_secret_value() if self.token else None
        return read_token(self.token_file, "gate.token_file")
