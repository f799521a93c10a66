"""Settings of `straymail notify`: the mails to senders, and the SOC's channels."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from streams.durations import MS_PER_UNIT, parse_duration_ms
from streams.errors import ConfigurationError
from streams.severity import SeverityWord


class ChannelSettings(BaseModel):
    """One channel of the SOC: where alerts are sent, which ones, and what they show."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: str = Field(
        pattern=r"^[A-Za-z0-9._-]{1,100}$", description="Its name in messages and in the journal: keep it."
    )
    url: SecretStr | None = Field(
        None, description="An Apprise URL, such as `slack://...`. It is a secret: rather use `url_file`."
    )
    url_file: Path | None = Field(None, description="A file with the URL, instead of `url`.")
    severity: SeverityWord = Field("low", description="The lowest severity that is sent.")
    redact: Literal["nothing", "addresses", "domains"] = Field(
        "addresses",
        description="What is left out: `nothing`, `addresses`, or addresses and `domains`.",
    )
    every: str | int = Field(
        "1m", description="The least time between two messages; what comes meanwhile is one message."
    )

    @field_validator("every")
    @classmethod
    def _duration(cls, given: str | int) -> str | int:
        if not 0 < parse_duration_ms(given) <= MS_PER_UNIT["d"]:
            raise ValueError("write a duration of up to a day, such as 1m")
        return given

    @model_validator(mode="after")
    def _one_url(self) -> Self:
        if (self.url is None) == (self.url_file is None):
            raise ValueError(f"channel {self.name}: set either url or url_file")
        return self

    def secret_url(self) -> str:
        """The URL, from its setting or its file. Raises ConfigurationError, which doesn't show it."""
        if self.url_file is None:
            return self.url.get_secret_value().strip() if self.url else ""
        try:
            return self.url_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
            raise ConfigurationError(
                f"notify.channels: {self.name}: can't read its url_file {self.url_file}: {reason}"
            ) from None


class NotifySettings(BaseModel):
    """Which senders are notified, with which text, and through which mail server; the SOC's channels."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    smtp_host: str = Field("127.0.0.1", min_length=1, description="The mail server to submit to")
    smtp_port: int = Field(25, ge=1, le=65_535, description="Its port: 25, or 587 for submission")
    smtp_tls: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="STARTTLS, TLS from the first byte, or none (to a server on this machine)"
    )
    smtp_ca_file: Path | None = Field(None, description="PEM file of the authorities that may sign its certificate")
    smtp_user: str | None = Field(
        None, min_length=1, description="User name for SMTP authentication; none: no authentication"
    )
    smtp_password: SecretStr | None = Field(None, description="Its password")
    smtp_password_file: Path | None = Field(None, description="A file with the password, instead of `smtp_password`")
    from_address: str | None = Field(
        None, pattern=r"^[^@\s<>]+@[^@\s<>]+$", description="The From address; required to send"
    )
    contact: str = Field("the security team", min_length=1, description="Whom a sender should call, with the number")
    template: Path | None = Field(
        None, description="File with the mail's template; `straymail notify --template` prints the default"
    )
    severity: SeverityWord = Field("low", description="Lowest severity of which a sender is notified")
    max_age_hours: int = Field(72, ge=1, description="Findings whose last mail is older than this are skipped")
    state: Path = Field(
        Path("straymail-notify.sqlite"), description="The journal of mails sent; keep it across restarts"
    )
    channels: tuple[ChannelSettings, ...] = Field(
        (), description="Where `straymail notify --channels` sends alerts, see below; JSON in the environment"
    )
    channels_state: Path = Field(
        Path("straymail-channels.sqlite"), description="The journal of what channels got; keep it across restarts"
    )

    @field_validator("channels")
    @classmethod
    def _names_differ(cls, given: tuple[ChannelSettings, ...]) -> tuple[ChannelSettings, ...]:
        for name, number in Counter(channel.name for channel in given).items():
            if number > 1:
                raise ValueError(f"{number} channels have the name {name}: give each its own")
        return given

    def password(self) -> str | None:
        """The password, from its setting or its file; None without one. Raises ConfigurationError."""
        if self.smtp_password_file is None:
            return self.smtp_password.get_secret_value() if self.smtp_password else None
        try:
            return self.smtp_password_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"notify.smtp_password_file: can't read it: {error}") from error
