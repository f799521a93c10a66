"""`python -m tests.http.worker_pages PORT`: the web server of a worker without a broker, until its stdin is closed."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import uvloop

from streams.kafka.dataplane.faust_app import faust_app
from streams.kafka.settings import KafkaSettings
from streams.metrics import Metrics
from streams.service.health import add_pages
from tests.kafka.dataplane.test_faust_app import PLANE


async def serve(port: int) -> None:
    app = faust_app(KafkaSettings(), PLANE, group_id="straymail", web_host="127.0.0.1", web_port=port)
    add_pages(app, Metrics("1.2.3"), lambda: None)
    web: Any = app.web
    web.init_server()
    await web.start_server()
    print("listening", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await web.stop_server()


if __name__ == "__main__":
    port = int(sys.argv.pop())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # the worker's event loop
        runner.run(serve(port))
