"""Logs of Debian's Exim."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.cache import UnavailableError
from tests.gate.mail.exim_package import exim_program
from tests.sources.exim import Exim
from tests.sources.long_logs.compare import check
from tests.sources.long_logs.content_filter import ContentFilter
from tests.sources.long_logs.life import ALIASES, REFUSED_DOMAIN, Mail, expires, gone_later, hundred, mail, thrown_away
from tests.sources.long_logs.receiver import HOST, Receiver
from tests.sources.long_logs.submit import Submitted, submit, submit_locally
from tests.sources.long_logs.system_log import SystemLog

pytestmark = pytest.mark.mail
QUEUE_SECONDS = 60.0
CONFIGURATION = """\
exim_path = {program}
exim_user = Debian-exim
exim_group = Debian-exim
never_users =
spool_directory = {folder}/spool
pid_file_path = {folder}/exim.pid
local_interfaces = 127.0.0.1
primary_hostname = mx2.mod.example
qualify_domain = mod.example
keep_environment =
tls_advertise_hosts =
smtputf8_advertise_hosts = *
allow_domain_literals
recipients_max = 1000
system_filter = {folder}/filter
acl_smtp_rcpt = check_rcpt
acl_smtp_data = check_data
begin acl
check_rcpt:
  deny message = no such domain
       domains = %(refused)s
  accept
check_data:
  accept
begin routers
aliases:
  driver = redirect
  domains = mod.example
  data = ${{lookup{{$local_part}}lsearch{{{folder}/aliases}}}}
to_filter:
  driver = manualroute
  condition = ${{if and{{{{!eq{{$received_port}}{{%(back)s}}}}{{bool{{%(filtered)s}}}}}}}}
  transport = filter
  route_list = * 127.0.0.1 byname
  self = send
thrown_away:
  driver = redirect
  domains = trash.ml
  data = :blackhole:
all:
  driver = manualroute
  transport = receiver
  route_list = * %(host)s byname
  self = send
begin transports
receiver:
  driver = smtp
  port = %(receiver)s
  allow_localhost
filter:
  driver = smtp
  port = %(filter)s
  allow_localhost
begin retry
busy.forever.ml * F,3s,1s
* * F,1h,1s
"""
FILTER = 'if $h_subject: contains "junk" then seen finish endif\n'


class LongExim(Exim):
    """One that sends its mail to the receiver, or first to a filter; skips the test where it can't run."""

    def __init__(self, receiver: Receiver, settings: str, content_filter: ContentFilter | None = None) -> None:
        try:
            super().__init__(exim_program())
        except UnavailableError as reason:
            pytest.skip(str(reason))
        self._program = Path(shutil.copy(self._program, self.folder / "exim4"))  # Exim's user can't read the cache
        filter_ports = (0, 0) if content_filter is None else (content_filter.port, content_filter.back_port)
        named = {
            "refused": REFUSED_DOMAIN,
            "host": HOST,
            "receiver": receiver.port,
            "filter": filter_ports[0],
            "back": filter_ports[1],
            "filtered": "no" if content_filter is None else "yes",
        }
        ports = f"{self.port}" if content_filter is None else f"{self.port} : {content_filter.back_port}"
        self.configuration = f"daemon_smtp_ports = {ports}\n{settings}{CONFIGURATION % named}"
        (self.folder / "filter").write_text(f"# Exim filter\n{FILTER}")
        lines = (f"{address.partition('@')[0]}: {to}\n" for address, to in ALIASES.items())
        (self.folder / "aliases").write_text("".join(lines))

    def submit(self, mails: Sequence[Mail]) -> list[Submitted]:
        """Submit the mails, and return when the queue is empty."""
        submitted = [
            submit(self.port, mail) if mail.how == "smtp" else submit_locally(self._command(), {}, mail)
            for mail in mails
        ]
        self.wait_until(self._is_done, "the queue is empty", QUEUE_SECONDS)
        return submitted

    def _command(self, *arguments: str) -> list[str]:
        return [str(self._program), "-C", str(self.folder / "exim.conf"), *arguments]

    def _is_done(self) -> bool:
        run = subprocess.run(self._command("-bpc"), capture_output=True, check=True)
        return run.stdout.strip() == b"0"


OWN_LOG = "log_file_path = {folder}/log/%slog\nlog_selector = +subject\n"


def test_as_it_is_installed() -> None:
    with Receiver({"busy.forever.ml": 1_000_000}) as receiver, LongExim(receiver, OWN_LOG) as server:
        submitted = server.submit(hundred(more=[thrown_away, gone_later, expires]))
        check("exim", [server.log], submitted, receiver.received, subjects=True)


class EximOverSyslog(LongExim):
    """One that logs everything it can, without its own times, to a /dev/log of its own."""

    def __init__(self, receiver: Receiver, content_filter: ContentFilter) -> None:
        settings = "log_file_path = syslog\nsyslog_timestamp = false\nlog_selector = +all\n"
        super().__init__(receiver, settings, content_filter)
        (self.folder / "dev").mkdir()
        self.log = self.folder / "mail.log"
        self._system_log = SystemLog(self.folder / "dev", "mx2.mod.example", self.log)

    def _command(self, *arguments: str) -> list[str]:
        return self._system_log.command(*super()._command(*arguments))

    def _run(self, *command: str) -> None:
        super()._run(*(self._system_log.command(*command) if command[0] == str(self._program) else command))

    def _end(self) -> None:
        super()._end()
        self._system_log.close()


def filtered_out(number: int) -> Mail:
    """Where the mail system's own filter throws away such mail."""
    return mail(number, {"bob@army.ml": "failed"}, subject=f"junk {number}", is_reported=False)


def test_over_syslog_with_filters() -> None:
    """Lines that are long are split."""
    more = [thrown_away, filtered_out, thrown_away, filtered_out]
    with (
        ContentFilter() as content_filter,
        Receiver() as receiver,
        EximOverSyslog(receiver, content_filter) as server,
    ):
        submitted = server.submit(hundred(more=more))
        check("exim", [server.log], submitted, receiver.received, subjects=True)
