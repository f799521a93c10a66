"""The Faust app as it is made."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from streams.errors import ConfigurationError
from streams.kafka.dataplane.faust_app import App, faust_app
from streams.kafka.dataplane.transport import DataPlane, Transport
from streams.kafka.settings import KafkaSettings

PLANE = DataPlane({}, together=(), on_gaps=lambda _: None, on_stale=lambda _: None, on_failure=lambda _: None)


def made(**settings: Any) -> App:
    """The app of these settings, made in an event loop as a worker's is."""

    async def make() -> App:
        kafka = KafkaSettings(brokers="127.0.0.1:1,127.0.0.1:2", **settings)
        return faust_app(kafka, PLANE, group_id="straymail", web_host="127.0.0.1", web_port=6066)

    return asyncio.run(make())


@pytest.mark.parametrize("web_host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("instance_id", [None, "straymail-7d4f9-x2x"])
def test_its_instance_id_is_kafkas_and_stays_with_any_address(web_host: str, instance_id: str | None) -> None:
    async def make() -> App:
        settings = KafkaSettings()
        return faust_app(settings, PLANE, group_id="g", web_host=web_host, web_port=6066, instance_id=instance_id)

    conf = asyncio.run(make()).conf
    assert conf.consumer_group_instance_id == instance_id
    assert str(conf.canonical_url) == f"http://member/{instance_id or ''}"


def test_its_transport_is_the_data_plane_to_every_broker() -> None:
    app = made()
    assert isinstance(app.transport, Transport)
    assert app.transport.plane is PLANE
    assert [(url.scheme, url.port) for url in app.conf.broker] == [("aiokafka", 1), ("aiokafka", 2)]
    assert app.conf.id == "straymail"


def test_nothing_is_lost_or_declared_by_faust_itself() -> None:
    conf = made().conf
    assert conf.stream_wait_empty
    assert not conf.topic_allow_declare
    assert conf.topic_disable_leader
    assert conf.consumer_auto_offset_reset == "earliest"


def test_the_web_server_has_none_of_fausts_own_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    async def paths() -> set[str]:
        app = faust_app(KafkaSettings(), PLANE, group_id="straymail", web_host="127.0.0.1", web_port=6066)
        application = await app.web.wsgi()
        return {resource.canonical for resource in application.router.resources()}

    assert asyncio.run(paths()) == set()
    assert list(tmp_path.iterdir()) == [], "no files"


@pytest.mark.parametrize(
    ("security", "kind"),
    [
        ({}, None),
        ({"protocol": "SSL"}, "SSLCredentials"),
        ({"protocol": "SASL_SSL", "mechanism": "PLAIN", "username": "u"}, "SASLCredentials"),
    ],
)
def test_credentials_are_as_the_settings_say(security: dict[str, str], kind: str | None, tmp_path: Path) -> None:
    if "username" in security:
        (tmp_path / "password").write_text("secret")
        security = {**security, "password_file": str(tmp_path / "password")}
    credentials = made(security=security).conf.broker_credentials
    assert (None if credentials is None else type(credentials).__name__) == kind


def test_a_certificate_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        made(security={"protocol": "SSL", "ca_file": str(tmp_path / "none.pem")})
