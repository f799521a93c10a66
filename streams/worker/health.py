"""The HTTP endpoints of a worker: /metrics, /health/live and /health/ready."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from streams.metrics import Metrics


def add_pages(app: Any, metrics: Metrics, why_not_ready: Callable[[], str | None]) -> None:
    """Add the endpoints to Faust's web server. `why_not_ready` returns the reason, or None when the worker is ready.

    Liveness never depends on the broker: restarting a worker doesn't bring a broker back.
    """

    @app.page("/metrics", name="metrics")  # type: ignore[untyped-decorator]
    async def metrics_page(web: Any, _request: Any) -> Any:
        metrics.ready.set(why_not_ready() is None)
        body, content_type = metrics.exposition()
        return web.bytes(body, headers={"Content-Type": content_type})

    @app.page("/health/live", name="live")  # type: ignore[untyped-decorator]
    async def live(web: Any, _request: Any) -> Any:
        return web.text("live\n")

    @app.page("/health/ready", name="ready")  # type: ignore[untyped-decorator]
    async def ready(web: Any, _request: Any) -> Any:
        reason = why_not_ready()
        return web.text("ready\n") if reason is None else web.text(f"not ready: {reason}\n", status=503)
