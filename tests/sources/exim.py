"""A real Exim with a configuration and a spool of its own, on loopback alone.

Debian's Exim wants its user to exist (`useradd --system Debian-exim`), and a configuration that the user may name:
its path is added to /etc/exim4/trusted_configs.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.broker.ports import free_ports
from tests.mail_server import MailServer

CONFIGURATION = """\
exim_path = {program}
exim_user = Debian-exim
exim_group = Debian-exim
never_users =
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
pid_file_path = {folder}/exim.pid
daemon_smtp_ports = {port}
local_interfaces = 127.0.0.1
primary_hostname = mx2.mod.example
qualify_domain = mod.example
keep_environment =
tls_advertise_hosts =
log_selector = +subject +received_recipients +received_sender +smtp_confirmation
acl_smtp_rcpt = check_rcpt
acl_smtp_data = check_data
begin acl
check_rcpt:
  deny message = no such domain
       domains = nowhere.ml
  accept
check_data:
  accept
begin routers
allies:
  driver = redirect
  domains = mod.example
  local_parts = allies
  data = liaison@army.ml, liaison@army.mil
press:
  driver = redirect
  domains = mod.example
  local_parts = press
  data = editor@gone.ml
no_such_domain:
  driver = redirect
  domains = gone.ml
  allow_fail
  data = :fail: there is no such domain
nobody_answers:
  driver = manualroute
  domains = af.ml
  transport = closed
  route_list = * 127.0.0.1 byname
  self = send
all:
  driver = manualroute
  transport = sink
  route_list = * 127.0.0.1 byname
  self = send
begin transports
sink:
  driver = smtp
  port = {sink}
  allow_localhost
closed:
  driver = smtp
  port = {closed}
  allow_localhost
begin retry
* * F,1h,1s
"""


class Exim(MailServer):
    """One instance of the program at this path, from `__enter__` to `__exit__`; mail is sent to an smtp-sink."""

    def __init__(self, program: Path) -> None:
        super().__init__()
        self._program, self.configuration = program, CONFIGURATION
        self.port, self._sink_port, self._closed_port = free_ports(3)
        self.folder = Path(tempfile.mkdtemp(prefix="straymail-exim-"))
        self.log = self.folder / "log" / "mainlog"

    def __enter__(self) -> Self:
        self.folder.chmod(0o755)
        for name in ("spool", "log"):
            (self.folder / name).mkdir()
            subprocess.run(["chown", "Debian-exim:Debian-exim", str(self.folder / name)], check=True)
        ports = {"port": self.port, "sink": self._sink_port, "closed": self._closed_port}
        configuration = self.folder / "exim.conf"
        configuration.write_text(self.configuration.format(folder=self.folder, program=self._program, **ports))
        trusted = Path("/etc/exim4/trusted_configs")
        trusted.parent.mkdir(exist_ok=True)
        trusted.write_text(f"{configuration}\n")
        self._run("smtp-sink", "-u", "nobody", "-c", f"127.0.0.1:{self._sink_port}", "100")
        self._run(str(self._program), "-C", str(configuration), "-bdf", "-q1s")
        self._wait_until_it_answers()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        shutil.rmtree(self.folder)
