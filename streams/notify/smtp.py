"""Submits mails to the configured mail server; each error states whether the mail may have been accepted."""

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


class NotAcceptedError(StraymailError):
    """The mail server has certainly not accepted the mail, for now: it may be retried."""


class RefusedError(StraymailError):
    """The mail server refuses the mail permanently (5xx)."""


class UnknownOutcomeError(StraymailError):
    """The connection broke while the mail was being submitted: it may have been accepted."""


class SmtpClient:
    """Submits each mail over a connection of its own. Raises ConfigurationError where the settings are incomplete, or
    would send the password over the network unencrypted."""

    def __init__(self, settings: NotifySettings) -> None:
        self._settings, self._password = settings, settings.password()
        if (settings.smtp_user is None) != (self._password is None):
            raise ConfigurationError("notify.smtp_user and notify.smtp_password belong together: set both or none")
        if settings.smtp_user and settings.smtp_tls == "none" and not _is_loopback(settings.smtp_host):
            raise ConfigurationError(
                f"notify.smtp_tls is none, which would send the password to {settings.smtp_host} in clear: use starttls"
            )
        try:
            self._tls = ssl.create_default_context(cafile=settings.smtp_ca_file)
        except OSError as error:
            raise ConfigurationError(f"notify.smtp_ca_file: can't read {settings.smtp_ca_file}: {error}") from error

    def send(self, mail: EmailMessage, recipient: str) -> None:
        """Return once the server has accepted it. Raises NotAcceptedError, RefusedError or UnknownOutcomeError.

        The envelope's sender is empty, so that a mail that can't be delivered causes no bounce.
        """
        with self._connected() as server:
            self._expect(server.mail("", []))
            self._expect(server.rcpt(recipient))
            try:
                answer = server.data(mail.as_bytes())
            except smtplib.SMTPDataError as error:
                self._expect((error.smtp_code, _bytes(error.smtp_error)))
            except (OSError, smtplib.SMTPException) as error:
                raise UnknownOutcomeError(f"{self._where} closed the connection during a mail: {error}") from error
            else:
                self._expect(answer)

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """A connection, logged in. Every error before the mail itself becomes NotAcceptedError."""
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
            raise NotAcceptedError(f"can't use {self._where}: {error}") from error
        try:
            yield server
        except (OSError, smtplib.SMTPException) as error:
            raise NotAcceptedError(f"{self._where} closed the connection before a mail: {error}") from error
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
        code, text = answer
        if 200 <= code < 300:
            return
        message = f"{self._where} replied {code} {text.decode(errors='replace')}"
        raise RefusedError(message) if code >= 500 else NotAcceptedError(message)

    @property
    def _where(self) -> str:
        return f"the mail server {self._settings.smtp_host}:{self._settings.smtp_port}"


def _bytes(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
