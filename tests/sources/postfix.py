"""A real Postfix with a configuration and a queue of its own, on loopback alone: the samples and tests use its log.

Needs Debian's package `postfix` (nothing of its default instance is used) and root, as Postfix does.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.broker.ports import free_ports
from tests.cache import UnavailableError
from tests.mail_server import MailServer, postfix_runs, stop_postfix

DAEMONS = Path("/usr/lib/postfix/sbin")
MAIN = """\
compatibility_level = 3.6
command_directory = /usr/sbin
daemon_directory = {daemons}
queue_directory = {folder}/queue
data_directory = {folder}/data
mail_owner = postfix
setgid_group = postdrop
default_privs = nobody
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx1.mod.example
myorigin = mod.example
mydestination =
mynetworks = 127.0.0.0/8
relayhost = [127.0.0.1]:{sink}
disable_dns_lookups = yes
alias_maps =
alias_database =
biff = no
maillog_file = {folder}/log/mail.log
maillog_file_prefixes = {folder}/log
header_checks = regexp:{folder}/conf/header_checks
transport_maps = texthash:{folder}/conf/transport
virtual_alias_maps = texthash:{folder}/conf/aliases
smtpd_recipient_restrictions = check_recipient_access texthash:{folder}/conf/access, permit_mynetworks, reject
smtpd_client_connection_rate_limit = 0
minimal_backoff_time = 1s
maximal_backoff_time = 1s
queue_run_delay = 1s
"""
MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 1 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
HEADER_CHECKS = "/^Subject:/ INFO\n/^X-Protective-Marking:/ INFO\n/^X-Hold:/ HOLD\n"


class Postfix(MailServer):
    """One instance, from `__enter__` to `__exit__`.

    Mail is sent to an smtp-sink, except to domains in `transport`, which maps them to a transport of Postfix, such as
    `error:5.1.1 no such domain`, or to `deferred`, a port that nobody listens on. `access` maps recipients or domains
    to the reply that refuses them at once. `aliases` maps own addresses to those that they are expanded to.

    Before it is entered, `main` may get settings that are added to its main.cf, where they replace those of the same
    name, and `master` services.
    """

    def __init__(
        self,
        transport: Mapping[str, str] | None = None,
        access: Mapping[str, str] | None = None,
        aliases: Mapping[str, str] | None = None,
    ) -> None:
        if shutil.which("postfix") is None or shutil.which("smtp-sink") is None:
            raise UnavailableError("there is no postfix on the path: install it (postfix)")
        if os.geteuid() != 0:
            raise UnavailableError("Postfix starts as root alone")
        super().__init__()
        self.main = self.master = ""
        self.port, self._sink_port, self._closed_port = free_ports(3)
        self._tables = {
            "transport": dict(transport or {}),
            "access": dict(access or {}),
            "aliases": dict(aliases or {}),
        }
        self.folder = Path(tempfile.mkdtemp(prefix="straymail-postfix-"))
        self.log = self.folder / "log" / "mail.log"

    def __enter__(self) -> Self:
        self._configure()
        self._run("smtp-sink", "-u", "nobody", "-c", f"127.0.0.1:{self._sink_port}", "100")
        self._run("postfix", "-c", str(self.folder / "conf"), "start-fg")
        self._wait_until_it_answers()
        return self

    @property
    def is_running(self) -> bool:
        """Whether its master process is running."""
        return postfix_runs(self.folder / "conf")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        if kind is not None and self.log.exists():
            print(f"--- the log of Postfix\n{self.log.read_text()[-6000:]}")
        shutil.rmtree(self.folder)

    def _end(self) -> None:
        stop_postfix(self.folder / "conf")
        super()._end()

    def control(self, command: str, *arguments: str) -> str:
        """Run one of Postfix's commands (postsuper, postqueue) on this instance; returns what it prints."""
        whole = [command, "-c", str(self.folder / "conf"), *arguments]
        return subprocess.run(whole, check=True, capture_output=True, text=True).stdout

    def _configure(self) -> None:
        self.folder.chmod(0o755)
        for name in ("conf", "queue", "data", "log"):
            (self.folder / name).mkdir()
        owner = pwd.getpwnam("postfix")
        os.chown(self.folder / "data", owner.pw_uid, owner.pw_gid)
        conf = self.folder / "conf"
        main = MAIN.format(daemons=DAEMONS, folder=self.folder, sink=self._sink_port)
        conf.joinpath("main.cf").write_text(_replaced(main, self.main))
        conf.joinpath("master.cf").write_text(MASTER.format(port=self.port) + self.master)
        conf.joinpath("header_checks").write_text(HEADER_CHECKS)
        for name, table in self._tables.items():
            lines = (f"{key} {self._value(value)}\n" for key, value in table.items())
            conf.joinpath(name).write_text("".join(lines))

    def _value(self, value: str) -> str:
        return f"smtp:[127.0.0.1]:{self._closed_port}" if value == "deferred" else value


def _replaced(main: str, added: str) -> str:
    """A main.cf with added settings, which replace those of the same name."""
    names = {line.partition("=")[0].strip() for line in added.splitlines() if "=" in line and line[0] not in " #"}
    kept = [line for line in main.splitlines() if line.partition("=")[0].strip() not in names]
    return "\n".join([*kept, added])
