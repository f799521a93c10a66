"""Messages through Apprise to real receivers: HTTP and SMTP servers of the test's own."""

from __future__ import annotations

import io
import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from pydantic import SecretStr

from streams.errors import ConfigurationError
from streams.notify.channels import apprise as door
from streams.notify.channels.apprise import AppriseTransport
from streams.notify.channels.channel import NotSentError
from streams.notify.channels.message import ChannelMessage
from streams.notify.settings import ChannelSettings
from streams.severity import Severity
from tests.broker.ports import free_ports
from tests.notify.channels.receiver import HttpReceiver, smtp_receiver, text_of

pytestmark = pytest.mark.process  # Apprise takes a second to load

MESSAGE = ChannelMessage("straymail: High: <!channel> *x*", "one & <two>\nthree\n", Severity.HIGH)
KNOWN = [
    "workflows://prod-1.westeurope.logic.azure.com:443/643e69f83c8944/signature/",
    "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/",
    "pagerduty://integrationkey@apikey",
    "opsgenie://35d9d7f1-7a0b-4f0f-9d4a-1f2b3c4d5e6f",
    "jira://35d9d7f1-7a0b-4f0f-9d4a-1f2b3c4d5e6f",
    "jsons://hooks.example.org/straymail",
    "xmls://hooks.example.org/straymail",
    "forms://hooks.example.org/straymail",
    "mailtos://straymail:password@mail.mod.gov.uk:587?from=straymail@mod.gov.uk&to=soc@mod.gov.uk",
]
"""The URLs of docs/notify.md, by kind."""


def transport(url: str) -> AppriseTransport:
    return AppriseTransport(ChannelSettings(name="soc", url=SecretStr(url)))


@pytest.fixture
def receiver() -> Iterator[HttpReceiver]:
    with HttpReceiver() as receiver:
        yield receiver


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What a program that logs everything would log."""
    text, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(text), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield text
    root.setLevel(level)
    root.removeHandler(handler)


def test_a_webhook_gets_the_message_as_it_is(receiver: HttpReceiver) -> None:
    transport(receiver.url).send(MESSAGE)
    (body,) = receiver.received
    assert (body["title"], body["message"], body["type"]) == (MESSAGE.title, MESSAGE.text.rstrip(), "failure")


def test_a_mail_gets_the_message_as_it_is() -> None:
    with smtp_receiver() as (mailbox, port):
        url = f"mailto://127.0.0.1:{port}?from=straymail@mod.gov.uk&to=soc@mod.gov.uk&format=text"
        transport(url).send(MESSAGE)
    (mail,) = mailbox.mails
    assert mail["Subject"] == MESSAGE.title
    assert "one & <two>\nthree" in text_of(mail)


@pytest.mark.parametrize("status", [302, 401, 503])
def test_what_is_not_accepted_is_reported_with_its_status_and_without_the_url(
    receiver: HttpReceiver, status: int, logged: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    receiver.statuses = [status]
    with pytest.raises(NotSentError, match=f"it answered {status}") as caught:
        transport(receiver.url).send(MESSAGE)
    assert not caught.value.unsure
    assert receiver.received == []
    assert "secret-path" not in logged.getvalue() + str(caught.value) + "".join(capfd.readouterr())


def test_a_channel_that_cannot_be_reached_is_reported_without_its_url(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(NotSentError, match="can't be reached") as caught:
        transport(f"json://127.0.0.1:{free_ports(1)[0]}/secret-path").send(MESSAGE)
    assert "secret-path" not in str(caught.value) + "".join(capfd.readouterr())


def test_a_channel_that_answers_byte_by_byte_ends_at_the_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door._ASSET, "_service_timeout", 0.3)
    enough = Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        trickling = Thread(target=_trickle, args=(server, enough), daemon=True)
        trickling.start()
        with pytest.raises(NotSentError, match="may have arrived") as caught:
            transport(f"json://127.0.0.1:{server.getsockname()[1]}").send(MESSAGE)
        enough.set()
        trickling.join(10)
    assert caught.value.unsure


def _trickle(server: socket.socket, enough: Event) -> None:
    """Answer one request byte by byte."""
    connection, _ = server.accept()
    with connection:
        connection.recv(65_536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while not enough.wait(0.05):
            connection.sendall(b"x")


@pytest.mark.parametrize("url", KNOWN, ids=[url.partition(":")[0] for url in KNOWN])
def test_the_kinds_of_channels_that_the_docs_name_are_known(url: str) -> None:
    transport(url)


@pytest.mark.parametrize("url", ["", "nosuch://secret-path", "https//secret-path", "slack://secret-path"])
def test_a_url_that_cannot_be_used_is_refused_and_not_shown(url: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ConfigurationError, match=r"notify\.channels: soc: its URL is none") as caught:
        transport(url)
    assert "secret-path" not in str(caught.value) + "".join(capfd.readouterr())


def test_the_url_comes_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "url"
    path.write_text("jsons://hooks.example.org/\n")
    AppriseTransport(ChannelSettings(name="soc", url_file=path))
    path.unlink()
    with pytest.raises(ConfigurationError, match=r"notify\.channels: soc: can't read its url_file"):
        AppriseTransport(ChannelSettings(name="soc", url_file=path))
