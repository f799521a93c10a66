"""The HTTP endpoints of a process: /metrics, /health/live and /health/ready."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from streams.http.site import bound_responses
from streams.metrics import Metrics

Page = Callable[[], web.Response]


def pages(metrics: Metrics, why_not_ready: Callable[[], str | None]) -> Mapping[str, Page]:
    """The pages by path. `why_not_ready` returns the reason, or None when the process is ready.

    Liveness never depends on the broker: restarting a process doesn't bring a broker back.
    """

    def metrics_page() -> web.Response:
        metrics.ready.set(why_not_ready() is None)
        body, content_type = metrics.exposition()
        return web.Response(body=body, headers={"Content-Type": content_type})

    def live() -> web.Response:
        return web.Response(text="live\n")

    def ready() -> web.Response:
        reason = why_not_ready()
        return (
            web.Response(text="ready\n") if reason is None else web.Response(text=f"not ready: {reason}\n", status=503)
        )

    return {"/metrics": metrics_page, "/health/live": live, "/health/ready": ready}


def add_pages(app: Any, metrics: Metrics, why_not_ready: Callable[[], str | None]) -> None:
    """Add the pages to Faust's web server."""
    for path, page in pages(metrics, why_not_ready).items():
        app.page(path, name=path.rpartition("/")[2])(_faust_view(page))


def web_app(metrics: Metrics, why_not_ready: Callable[[], str | None]) -> web.Application:
    """The pages as an application of their own, without Faust: for a gate, or a worker that has no app yet."""
    app = web.Application()
    bound_responses(app)
    for path, page in pages(metrics, why_not_ready).items():
        app.router.add_get(path, _view(page))
    return app


def _faust_view(page: Page) -> Any:
    async def view(_web: Any, _request: Any) -> web.Response:
        return page()

    return view


def _view(page: Page) -> Any:
    async def view(_request: web.Request) -> web.Response:
        return page()

    return view
