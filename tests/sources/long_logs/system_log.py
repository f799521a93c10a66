"""A /dev/log for the programs of a test alone: what they log is written to a file, as a syslogd writes it."""

from __future__ import annotations

import re
import socket
import threading
from pathlib import Path

LARGEST = 64 * 1024
NODES = "null zero full random urandom"
ENTER = f"""\
cd "$1"
for node in {NODES}; do touch $node; mount --bind /dev/$node $node; done
mount --rbind . /dev
hostname "$2"
cd /
shift 2
exec "$@"
"""
_MESSAGE = re.compile(rb"(?:<\d+>)?([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) (.*)", re.DOTALL)


class SystemLog(threading.Thread):
    """Reads until `close`. `command` has a program log here, whose host is called `host`; the files of its /dev are in
    `folder`, which must be empty. Needs root."""

    def __init__(self, folder: Path, host: str, log: Path) -> None:
        super().__init__(daemon=True)
        self._folder, self._host, self._log = folder, host, log
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(folder / "log"))
        (folder / "log").chmod(0o666)
        self.start()

    def command(self, *command: str) -> list[str]:
        """The command in namespaces of its own, where /dev is this one."""
        return ["unshare", "--mount", "--uts", "sh", "-ec", ENTER, "sh", str(self._folder), self._host, *command]

    def run(self) -> None:
        with self._log.open("ab", buffering=0) as file:
            while message := self._socket.recv(LARGEST):
                if found := _MESSAGE.fullmatch(message.rstrip(b"\0\n")):
                    file.write(b"%b %b %b\n" % (found[1], self._host.partition(".")[0].encode(), found[2]))

    def close(self) -> None:
        """Read what has been sent, and end."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
            last.sendto(b"", str(self._folder / "log"))
        self.join()
        self._socket.close()
