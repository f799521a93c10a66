"""Hands a mail to the configured mail server, and says for sure what became of it."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from ipaddress import ip_address

from streams.errors import ConfigurationError, StraymailError
from streams.notify.settings import NotifySettings

ANSWER_S = 30.0


class NotTakenError(StraymailError):
    """The mail server did not take the mail, for now: it may be tried again."""


class RefusedError(StraymailError):
    """The mail server refuses the mail for good."""


class UnknownOutcomeError(StraymailError):
    """The connection broke while the mail was handed over: it may have been taken."""


class Post:
    """One connection a mail. Raises ConfigurationError where the password would go over the network unprotected."""

    def __init__(self, settings: NotifySettings) -> None:
        self._settings, self._password = settings, settings.password()
        if (settings.smtp_user is None) != (self._password is None):
            raise ConfigurationError("notify.smtp_user and notify.smtp_password go together: set both or none")
        if settings.smtp_user and settings.smtp_tls == "none" and not _is_here(settings.smtp_host):
            raise ConfigurationError(
                f"notify.smtp_tls is none, so the password would go to {settings.smtp_host} unprotected: use starttls"
            )
        try:
            self._tls = ssl.create_default_context(cafile=settings.smtp_ca_file)
        except OSError as error:
            raise ConfigurationError(f"notify.smtp_ca_file: can't read {settings.smtp_ca_file}: {error}") from error

    def send(self, mail: EmailMessage, recipient: str) -> None:
        """Return once the server has taken it. Raises NotTakenError, RefusedError or UnknownOutcomeError.

        The envelope's sender is empty: whatever can't be delivered leads to no further mail.
        """
        with self._connected() as server:
            self._expect(server.mail("", []))
            self._expect(server.rcpt(recipient))
            try:
                answer = server.data(mail.as_bytes())
            except smtplib.SMTPDataError as error:
                self._expect((error.smtp_code, _bytes(error.smtp_error)))
            except (OSError, smtplib.SMTPException) as error:
                raise UnknownOutcomeError(f"{self._where} broke off while it took a mail: {error}") from error
            else:
                self._expect(answer)

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """Logged in. What goes wrong before the mail itself is NotTakenError."""
        own = self._settings
        server: smtplib.SMTP | None = None
        try:
            server = self._connect()
            server.ehlo_or_helo_if_needed()
            if own.smtp_user and self._password is not None:
                server.login(own.smtp_user, self._password)
        except (OSError, smtplib.SMTPException) as error:
            if server is not None:
                server.close()
            raise NotTakenError(f"can't reach {self._where}: {error}") from error
        try:
            yield server
        except (OSError, smtplib.SMTPException) as error:
            raise NotTakenError(f"{self._where} broke off before it was given a mail: {error}") from error
        finally:
            server.close()

    def _connect(self) -> smtplib.SMTP:
        own = self._settings
        if own.smtp_tls == "tls":
            return smtplib.SMTP_SSL(own.smtp_host, own.smtp_port, timeout=ANSWER_S, context=self._tls)
        server = smtplib.SMTP(own.smtp_host, own.smtp_port, timeout=ANSWER_S)
        if own.smtp_tls == "starttls":
            try:
                server.starttls(context=self._tls)
            except (OSError, smtplib.SMTPException):
                server.close()
                raise
        return server

    def _expect(self, answer: tuple[int, bytes]) -> None:
        code, said = answer
        told = f"{self._where} says {code} {said.decode(errors='replace')}"
        if 200 <= code < 300:
            return
        raise RefusedError(told) if code >= 500 else NotTakenError(told)

    @property
    def _where(self) -> str:
        return f"the mail server {self._settings.smtp_host}:{self._settings.smtp_port}"


def _bytes(said: bytes | str) -> bytes:
    return said if isinstance(said, bytes) else said.encode()


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
