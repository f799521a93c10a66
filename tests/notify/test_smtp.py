"""Submitting mails to Debian's Postfix: encrypted, authenticated, with an unambiguous outcome."""

from __future__ import annotations

from typing import Any

import pytest

from streams.errors import ConfigurationError
from streams.notify.letter import Letter
from streams.notify.mail import mail_of
from streams.notify.settings import NotifySettings
from streams.notify.smtp import NotAcceptedError, RefusedError, SmtpClient
from tests.broker.ports import free_ports
from tests.notify.postfix import Postfix
from tests.pipeline.worker import wait_until

MAIL = mail_of(
    Letter("Gr\u00fc\u00dfe", "D\u00e9j\u00e0 vu\n.\nend\n"),
    sender="soc@mod.gov.uk",
    recipient="desk@mod.gov.uk",
    finding="a1",
    now_ms=1_700_000_000_000,
)


def client(postfix: Postfix, **changes: Any) -> SmtpClient:
    own = {
        "smtp_port": postfix.port,
        "smtp_ca_file": postfix.ca_file,
        "smtp_user": postfix.user,
        "smtp_password": postfix.password,
    }
    return SmtpClient(NotifySettings.model_validate(own | changes))


def test_a_mail_arrives_as_it_was_written(postfix: Postfix) -> None:
    client(postfix).send(MAIL, "desk@mod.gov.uk")
    wait_until(lambda: len(postfix.delivered()) == 1, seconds=20, what="the mail is delivered")
    (mail,) = postfix.delivered()
    assert mail["Return-Path"] == "<>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == "<straymail-a1@mod.gov.uk>"
    assert mail.get_payload(decode=True).decode().replace("\r\n", "\n") == "D\u00e9j\u00e0 vu\n.\nend\n"  # type: ignore[union-attr]
    assert "ESMTPSA" in mail["Received"]  # with TLS and a login


def test_an_unknown_recipient_is_refused(postfix: Postfix) -> None:
    with pytest.raises(RefusedError, match=r"550 5\.1\.1"):
        client(postfix).send(MAIL, "gone@mod.gov.uk")


@pytest.mark.parametrize(
    "changes",
    [
        {"smtp_password": "wrong"},
        {"smtp_ca_file": None},
        {"smtp_tls": "tls"},
        {"smtp_port": free_ports(1)[0]},
        {"smtp_tls": "none"},
    ],
)
def test_with_a_server_that_cannot_be_used_the_mail_may_be_retried(postfix: Postfix, changes: dict[str, Any]) -> None:
    with pytest.raises(NotAcceptedError, match=r"the mail server 127\.0\.0\.1:"):
        client(postfix, **changes).send(MAIL, "desk@mod.gov.uk")
    assert postfix.delivered() == []


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"smtp_user": "x"}, "belong together"),
        ({"smtp_password": "x"}, "belong together"),
        (
            {"smtp_user": "x", "smtp_password": "y", "smtp_tls": "none", "smtp_host": "mx.example.org"},
            "in clear",
        ),
        ({"smtp_ca_file": "/nosuch"}, "can't read /nosuch"),
        ({"smtp_user": "x", "smtp_password_file": "/nosuch"}, "smtp_password_file"),
    ],
)
def test_settings_that_are_refused(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        SmtpClient(NotifySettings.model_validate(settings))
