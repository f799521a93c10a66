"""A group's lag and its committed offsets as the broker shows them, under the names that kafka_exporter gives them."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from tests.pipeline.topics import Topics


class LagExporter:
    """Serves /metrics on `port` of 127.0.0.1 while it is entered."""

    def __init__(self, topics: Topics) -> None:
        exporter = self

        class Page(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = exporter.text().encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self._topics = topics
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
        self.port = self._server.server_address[1]

    def text(self) -> str:
        """The samples."""
        names = self._topics.names
        lines = []
        for topic in (names.events, names.typo_hits, names.typo_domains):
            committed = self._topics.committed(topic)
            for partition, end in self._topics.ends(topic).items():
                labels = f'consumergroup="{self._topics.group}",topic="{topic}",partition="{partition}"'
                lines.append(f"kafka_consumergroup_lag{{{labels}}} {end - committed[partition]}\n")
                lines.append(f"kafka_consumergroup_current_offset{{{labels}}} {committed[partition]}\n")
        return "".join(lines)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
