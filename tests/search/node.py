"""A real OpenSearch node as a child process, with the ingest processors and Painless; no containers."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from tests.broker.ports import free_ports
from tests.maven import MavenJars

OPENSEARCH_VERSION = "2.19.6"
HERE = Path(__file__).parent
SEARCH_JARS = MavenJars("OpenSearch's", HERE / "pom.xml", OPENSEARCH_VERSION, name="opensearch")
START_SECONDS = 120
STOP_SECONDS = 30


class SearchError(Exception):
    """The node refused a request, or ended while it started; the message has its answer or the end of its log."""


class SearchNode:
    """The HTTP interface of a node."""

    def __init__(self, port: int) -> None:
        self._port = port

    def request(self, method: str, path: str, body: object = None) -> Any:
        """The answer to a request with a body in JSON, or in lines where it is a list. Raises SearchError, OSError."""
        lines = body if isinstance(body, list) else [body]
        content = "" if body is None else "".join(f"{json.dumps(line)}\n" for line in lines)
        connection = HTTPConnection("127.0.0.1", self._port, timeout=START_SECONDS)
        try:
            connection.request(method, path, content.encode(), {"Content-Type": "application/json"})
            response = connection.getresponse()
            answer = json.loads(response.read())
        finally:
            connection.close()
        if response.status >= 300:
            raise SearchError(f"{method} {path}: {response.status} {answer}")
        return answer


@contextmanager
def search_node(folder: Path) -> Iterator[SearchNode]:
    """A node that answers, with its data in `folder`. Raises SearchError; UnavailableError without Java."""
    (folder / "config").mkdir()
    (port,) = free_ports(1)
    jars = SEARCH_JARS.folder()
    command = ["java", "-Xmx512m", "-cp", f"{jars}/*", str(HERE / "SearchNode.java"), str(folder), str(port)]
    setpriv = shutil.which("setpriv")  # Linux: ends the node where the test run is killed before it can stop it
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [setpriv, "--pdeathsig", "TERM", *command] if setpriv else command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield _ready(SearchNode(port), process, folder / "log")
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def _ready(node: SearchNode, process: subprocess.Popen[bytes], log: Path) -> SearchNode:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            node.request("GET", "/_cluster/health?wait_for_status=green&timeout=1s")
        except (OSError, SearchError):
            time.sleep(0.1)
        else:
            return node
    raise SearchError(f"OpenSearch doesn't answer; the end of its log:\n{log.read_text(errors='replace')[-4_000:]}")


if __name__ == "__main__":
    print(SEARCH_JARS.folder())
