"""Settings of the console."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, StringConstraints
from pydantic_settings import NoDecode

from streams.comma_list import comma_list
from streams.domains.settings import ScorerSettings
from streams.events.hit import HitKind
from streams.events.privacy import RecipientPrivacy, SenderPrivacy
from streams.kafka.settings import KafkaSettings
from streams.networks import Networks
from streams.notify.letter import LetterTemplate
from streams.triage.decision import LONGEST_USER

HostName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.-]{1,253}$")]
HostNames = Annotated[tuple[HostName, ...], NoDecode, BeforeValidator(comma_list)]
UserName = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_USER)]
UserNames = Annotated[tuple[UserName, ...], NoDecode, BeforeValidator(comma_list)]
EVERYBODY = "*"


class ConsoleSettings(BaseModel):
    """Where the console is served, who may see it, and how much it keeps in memory."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    host: str = Field(
        "127.0.0.1", description="Address to listen on; beyond loopback a token or user_header is required"
    )
    port: int = Field(6080, ge=1, le=65_535, description="Port of the page and of its API")
    token: SecretStr | None = Field(
        None, min_length=16, description="The token that a visitor must enter, 16 characters or more"
    )
    token_file: Path | None = Field(None, description="A file with the token, instead of `token`")
    token_name: UserName = Field(
        "console", description="The user under whose name whoever has the token decides on findings"
    )
    user_header: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9-]{1,64}$",
        description="Header in which an authenticating proxy names the user, such as X-Forwarded-User",
    )
    proxies: Networks = Field(
        (ip_network("127.0.0.1"), ip_network("::1")),
        description="Addresses or networks of the proxies whose user_header is trusted",
    )
    hosts: HostNames = Field(
        (),
        description="Host names that the console answers to behind a proxy (user_header), besides localhost, `host` and"
        " IP addresses",
    )
    triage: UserNames = Field(
        (EVERYBODY,),
        description="Users who may decide on findings, by the names in user_header; `*`: whoever may see them; empty: "
        "nobody",
    )
    findings: int = Field(100_000, ge=100, le=1_000_000, description="Findings kept in memory, about 1.2 kB each")
    hits: int = Field(50_000, ge=100, le=1_000_000, description="Hits kept in memory, about 600 bytes each")
    streams: int = Field(
        100, ge=1, le=10_000, description="Pages that may be open at the same time; a quarter of them by one visitor"
    )
    requests_per_second: int = Field(
        20, ge=1, le=10_000, description="Requests a second from one visitor; bursts of five times as many"
    )


@dataclass(frozen=True)
class ConsoleInputs:
    """The inputs of the console: its own settings, and the pipeline's settings that it needs.

    `hits_of_rule` maps each rule to the hits that it counts (certain, uncertain or all); `template` is that of the
    letter to a sender, `contact` is whom a sender may call. `watchlist` and `scorer` are what domains are judged by.
    """

    kafka: KafkaSettings
    own: ConsoleSettings
    hits_of_rule: Mapping[str, HitKind]
    sender_privacy: SenderPrivacy
    recipient_privacy: RecipientPrivacy
    template: LetterTemplate
    contact: str
    watchlist: Path
    scorer: ScorerSettings
