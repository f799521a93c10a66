"""A real sendmail with a configuration, a queue and a /dev/log of its own, on loopback alone.

Debian's package is unpacked into the cache (`python -m tests.sources.long_logs.sendmail`), since only one mail system
can be installed; so are the libraries that it needs. It starts as root alone.
"""

from __future__ import annotations

import os
import smtplib
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from shutil import copytree, rmtree
from types import TracebackType
from typing import Self

from tests.broker.ports import free_ports
from tests.cache import UnavailableError
from tests.debian_packages import unpacked
from tests.mail_server import MailServer
from tests.sources.long_logs.life import ALIASES, REFUSED_DOMAIN, Mail
from tests.sources.long_logs.submit import Submitted, submit, submit_locally
from tests.sources.long_logs.system_log import SystemLog

LIBRARIES = (
    "libdb5.3",
    "libldap-2.5-0",
    "liblockfile1",
    "libnsl2",
    "libsasl2-2",
    "libsigsegv2",
    "libtirpc3",
    "libwrap0",
)
PACKAGES = ("sendmail-bin", "sendmail-cf", "m4", *LIBRARIES)
PROGRAMS = ("usr/libexec/sendmail", "usr/lib", "lib")
THROWN_AWAY = "trash.ml"
CONFIGURATION = """\
divert(0)dnl
OSTYPE(`linux')dnl
define(`QUEUE_DIR',`{folder}/queue')dnl
define(`confPID_FILE',`{folder}/sendmail.pid')dnl
define(`STATUS_FILE',`{folder}/status')dnl
define(`ALIAS_FILE',`{folder}/aliases')dnl
define(`HELP_FILE',`')dnl
define(`confDOMAIN_NAME',`{name}')dnl
define(`SMART_HOST',`esmtp:[{relay_host}]')dnl
define(`RELAY_MAILER_ARGS',`TCP $h {relay_port}')dnl
define(`ESMTP_MAILER_ARGS',`TCP $h {relay_port}')dnl
define(`confDONT_BLAME_SENDMAIL',`GroupWritableDirPathSafe,MapInUnsafeDirPath')dnl
define(`confMIN_QUEUE_AGE',`1s')dnl
define(`confLOG_LEVEL',`9')dnl
define(`confQUEUE_LA',`10000')dnl
define(`confREFUSE_LA',`10000')dnl
define(`confDELAY_LA',`10000')dnl
define(`confTRUSTED_USER',`root')dnl
define(`confDEF_USER_ID',`1:1')dnl
FEATURE(`accept_unresolvable_domains')dnl
FEATURE(`relay_entire_domain')dnl
FEATURE(`nocanonify')dnl
FEATURE(`access_db', `hash -T<TMPF> {folder}/access')dnl
FEATURE(`virtusertable', `hash -o {folder}/virtual')dnl
FEATURE(`delay_checks')dnl
FEATURE(`blacklist_recipients')dnl
DAEMON_OPTIONS(`Port={port}, Addr={host}, Name=MTA, Family=inet')dnl
FEATURE(`no_default_msa')dnl
VIRTUSER_DOMAIN(`mod.example')dnl
LOCAL_CONFIG
C{{tRelay}}
MAILER(`local')dnl
MAILER(`smtp')dnl
"""


class Sendmail(MailServer):
    """One instance, from `__enter__` to `__exit__`, with this name of its host, on which it listens at `host`; it sends
    its mail to this address. Several may share a log. Raises UnavailableError."""

    def __init__(self, name: str, relay: tuple[str, int], host: str = "127.0.0.1", log: Path | None = None) -> None:
        self._installed = sendmail_root()
        super().__init__()
        (self.port,) = free_ports(1)
        self._name, self._relay, self.host = name, relay, host
        self.folder = Path(tempfile.mkdtemp(prefix="straymail-sendmail-"))
        self.log = log or self.folder / "mail.log"
        self._root = self.folder / "root"
        for part in PROGRAMS:  # other users, as which it runs too, can't read the cache
            copytree(self._installed / part, self._root / part, symlinks=True)

    def __enter__(self) -> Self:
        self.folder.chmod(0o755)
        for name in ("queue", "log", "dev"):
            (self.folder / name).mkdir()
        self._system_log = SystemLog(self.folder / "dev", self._name, self.log)
        self._configure()
        self._run(*self._command("-bD", "-q1s"))
        self._wait_until_it_answers()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        rmtree(self.folder)

    def submit(self, mails: Sequence[Mail]) -> list[Submitted]:
        """Submit the mails one after the other."""
        return [
            submit(self.port, mail) if mail.how == "smtp" else submit_locally(self._command(), {}, mail)
            for mail in mails
        ]

    def wait_done(self, seconds: float) -> None:
        """Return when the queue is empty."""
        self.wait_until(lambda: not any((self.folder / "queue").iterdir()), "the queue is empty", seconds)

    def _configure(self) -> None:
        relay_host, relay_port = self._relay
        named = {"relay_host": relay_host, "relay_port": relay_port, "name": self._name}
        text = CONFIGURATION.format(folder=self.folder, port=self.port, host=self.host, **named)
        library = self._installed / "usr" / "share" / "sendmail" / "cf"
        macros = [
            str(self._installed / "usr" / "bin" / "m4"),
            f"-D_CF_DIR_={library}/",
            str(library / "m4" / "cf.m4"),
            "-",
        ]
        (self.folder / "sendmail.cf").write_text(self._output(*macros, text=text))
        lists = {address: f"{address.partition('@')[0]}-list" for address in ALIASES}
        self._make_map("virtual", lists)
        self._make_map("access", {f"To:{REFUSED_DOMAIN}": "REJECT", f"To:{THROWN_AWAY}": "DISCARD"})
        lines = (f"{name}: {ALIASES[address]}\n" for address, name in lists.items())
        (self.folder / "aliases").write_text("".join(lines))
        self._output(*self._command("-bi"))

    def _make_map(self, name: str, values: Mapping[str, str]) -> None:
        text = "".join(f"{key}\t{value}\n" for key, value in values.items())
        program = self._root / "usr" / "libexec" / "sendmail" / "makemap"
        configuration = str(self.folder / "sendmail.cf")
        self._output(str(program), "-C", configuration, "hash", str(self.folder / name), text=text)

    def _command(self, *arguments: str) -> list[str]:
        """In namespaces where the host has a whole name: sendmail sleeps for a minute where it has none."""
        environment = [f"{name}={value}" for name, value in self._environment().items()]
        program = str(self._root / "usr" / "libexec" / "sendmail" / "sendmail")
        configuration = str(self.folder / "sendmail.cf")
        return self._system_log.command("env", *environment, program, "-C", configuration, *arguments)

    def _environment(self) -> dict[str, str]:
        libraries = [str(self._root / folder / "x86_64-linux-gnu") for folder in ("usr/lib", "lib")]
        return {"LD_LIBRARY_PATH": ":".join(libraries)}

    def _output(self, *command: str, text: str = "") -> str:
        environment = os.environ | self._environment()
        run = subprocess.run(command, input=text, env=environment, capture_output=True, text=True, check=False)
        assert run.returncode == 0, (command, run.stdout, run.stderr)
        return run.stdout

    def _answers(self) -> bool:
        try:
            with smtplib.SMTP(self.host, self.port, timeout=5):
                return True
        except OSError:
            return False

    def _end(self) -> None:
        super()._end()
        self._system_log.close()


def sendmail_root() -> Path:
    """The folder with sendmail's files. Raises UnavailableError."""
    if os.geteuid() != 0:
        raise UnavailableError("sendmail starts as root alone")
    return unpacked("sendmail", *PACKAGES)


if __name__ == "__main__":
    print(sendmail_root())
