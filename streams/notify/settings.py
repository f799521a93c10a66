"""Settings of `straymail notify`, the mails to senders."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from streams.errors import ConfigurationError
from streams.severity import SeverityWord


class NotifySettings(BaseModel):
    """Which senders are notified, with which text, and through which mail server."""

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

    def password(self) -> str | None:
        """The password, from its setting or its file; None without one. Raises ConfigurationError."""
        if self.smtp_password_file is None:
            return self.smtp_password.get_secret_value() if self.smtp_password else None
        try:
            return self.smtp_password_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"notify.smtp_password_file: can't read it: {error}") from error
