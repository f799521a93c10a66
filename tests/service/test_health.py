"""The pages of a worker, served by Faust's web server."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp.test_utils import TestClient, TestServer

from streams.kafka.dataplane.faust_app import faust_app
from streams.kafka.settings import KafkaSettings
from streams.metrics import Metrics
from streams.service.health import add_pages
from tests.kafka.dataplane.test_faust_app import PLANE


def get(path: str, why_not_ready: str | None) -> tuple[int, str, str]:
    """Status, content type and text of a page."""

    async def ask() -> tuple[int, str, str]:
        app = faust_app(KafkaSettings(), PLANE, group_id="straymail", web_host="127.0.0.1", web_port=6066)
        add_pages(app, Metrics("1.2.3"), lambda: why_not_ready)
        async with TestClient(TestServer(await app.web.wsgi())) as client:
            response = await client.get(path)
            return response.status, response.headers["Content-Type"], await response.text()

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("reason", "status", "text"), [(None, 200, "ready\n"), ("restoring state", 503, "not ready: restoring state\n")]
)
def test_readiness_tells_why_not(reason: str | None, status: int, text: str) -> None:
    assert get("/health/ready", reason) == (status, "text/plain; charset=utf-8", text)


@pytest.mark.parametrize("reason", [None, "no broker can be reached"])
def test_a_worker_that_is_not_ready_is_alive(reason: str | None) -> None:
    assert get("/health/live", reason) == (200, "text/plain; charset=utf-8", "live\n")


@pytest.mark.parametrize(("reason", "ready"), [(None, "1.0"), ("restoring state", "0.0")])
def test_metrics_have_prometheus_form_and_say_whether_the_worker_is_ready(reason: str | None, ready: str) -> None:
    status, content_type, text = get("/metrics", reason)
    assert (status, content_type.partition(";")[0]) == (200, "text/plain")
    assert f"\nstraymail_ready {ready}\n" in text
    assert 'straymail_build_info{version="1.2.3"} 1.0' in text
