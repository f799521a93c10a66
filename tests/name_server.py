"""A real name server for the tests: NSD, with a made root zone, so that it can be asked as a resolver is."""

from __future__ import annotations

import shutil
import socket
import subprocess
from pathlib import Path
from types import TracebackType

from tests.pipeline.worker import wait_until

NSD = shutil.which("nsd", path="/usr/sbin:/usr/bin:/usr/local/sbin")
START_SECONDS = 20.0
STOP_SECONDS = 10.0
HEAD = """\
$TTL 300
. 300 SOA ns.invalid. admin.invalid. 1 3600 600 86400 300
. NS ns.invalid.
ns.invalid. A 127.0.0.1
"""
CONFIGURATION = """\
server:
  server-count: 1
  ip-address: 127.0.0.1@{port}
  username: ""
  chroot: ""
  database: ""
  pidfile: "{folder}/nsd.pid"
  zonesdir: "{folder}"
  xfrdfile: "{folder}/xfrd.state"
  xfrdir: "{folder}"
  zonelistfile: "{folder}/zone.list"
  logfile: "{folder}/nsd.log"
remote-control:
  control-enable: no
zone:
  name: "."
  zonefile: "root.zone"
"""


class NameServer:
    """NSD on 127.0.0.1, at a free port, with these records in the form of a zone file."""

    def __init__(self, folder: Path, records: str) -> None:
        self._folder = folder
        self.port = _free_port()
        (folder / "root.zone").write_text(HEAD + records)
        (folder / "nsd.conf").write_text(CONFIGURATION.format(port=self.port, folder=folder))

    @property
    def address(self) -> str:
        """As `dns.servers` has it."""
        return f"127.0.0.1:{self.port}"

    def __enter__(self) -> NameServer:
        assert NSD is not None
        self._process = subprocess.Popen([NSD, "-d", "-c", self._folder / "nsd.conf"])
        try:
            wait_until(self._answers, seconds=START_SECONDS, what="NSD answers")
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end()

    def _end(self) -> None:
        self._process.terminate()
        self._process.wait(STOP_SECONDS)

    def _answers(self) -> bool:
        """Whether it accepts a connection; it opens both kinds of socket before it reads its zone."""
        assert self._process.poll() is None, (self._folder / "nsd.log").read_text()
        query = bytes.fromhex("00010000000100000000000000000600 01".replace(" ", ""))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(0.2)
            client.connect(("127.0.0.1", self.port))
            try:
                client.send(query)
                return len(client.recv(512)) > len(query)
            except OSError:
                return False


def _free_port() -> int:
    """A port that is free for UDP and TCP now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams, socket.socket() as connections:
        connections.bind(("127.0.0.1", 0))
        port: int = connections.getsockname()[1]
        datagrams.bind(("127.0.0.1", port))
        return port
