"""A group's lag and its committed offsets as the broker shows them, under the names that kafka_exporter gives them."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler

from tests.http_server import HttpServer
from tests.pipeline.topics import Topics


class LagExporter(HttpServer):
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
        super().__init__(Page)

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
