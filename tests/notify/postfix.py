"""A real Postfix on loopback that accepts mail with STARTTLS and a login, and delivers all of it to one folder.

Needs Debian's package `postfix` (nothing of its default instance is used) and root, as Postfix does.
"""

from __future__ import annotations

import base64
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from types import TracebackType

from tests.broker.ports import free_ports
from tests.mail_server import START_SECONDS, stop_postfix
from tests.pipeline.worker import wait_until

DAEMONS = Path("/usr/lib/postfix/sbin")
NOBODY = 65534
MAIN = """\
compatibility_level = 3.6
command_directory = /usr/sbin
daemon_directory = {daemons}
queue_directory = {folder}/queue
data_directory = {folder}/data
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx1.mod.gov.uk
mydestination =
mynetworks =
disable_dns_lookups = yes
alias_maps =
alias_database =
biff = no
maillog_file = {folder}/log/mail.log
maillog_file_prefixes = {folder}/log
virtual_mailbox_domains = mod.gov.uk
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:{nobody}
virtual_gid_maps = static:{nobody}
smtpd_tls_security_level = encrypt
smtpd_tls_cert_file = {folder}/conf/server.pem
smtpd_tls_key_file = {folder}/conf/server.key
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {folder}/auth
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = check_recipient_access texthash:{folder}/conf/access, permit_sasl_authenticated, reject
smtpd_client_connection_rate_limit = 0
"""
MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """One instance, from `__enter__` to `__exit__`; it refuses the recipients in `refused` with 550."""

    user, password = "straymail", "a pass word"

    def __init__(self, refused: tuple[str, ...] = ()) -> None:
        (self.port,) = free_ports(1)
        self._refused = refused
        self.folder = Path(tempfile.mkdtemp(prefix="straymail-postfix-"))
        self.ca_file = self.folder / "conf" / "server.pem"
        self._process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def missing() -> str | None:
        """Why Postfix can't run here; None where it can."""
        if shutil.which("postfix") is None:
            return "no postfix on the path: install it (postfix)"
        return None if os.geteuid() == 0 else "Postfix starts as root alone"

    def __enter__(self) -> Postfix:
        self._configure()
        self._login = Login(self.folder / "auth", self.password, self.user)
        with (self.folder / "start.log").open("wb") as log:
            self._process = subprocess.Popen(
                ["postfix", "-c", str(self.folder / "conf"), "start-fg"], stdout=log, stderr=log, start_new_session=True
            )
        try:
            wait_until(self._answers, seconds=START_SECONDS, what=f"Postfix answers\n{self.log}")
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            stop_postfix(self.folder / "conf")
            if self._process.poll() is None:
                os.killpg(self._process.pid, signal.SIGTERM)
            self._process.wait(START_SECONDS)
        self._login.close()
        if kind is not None:
            print(f"--- the log of Postfix\n{self.log[-6000:]}")
        shutil.rmtree(self.folder)

    @property
    def log(self) -> str:
        files = (self.folder / "start.log", self.folder / "log" / "mail.log")
        return "".join(file.read_text(errors="replace") for file in files if file.exists())

    def delivered(self) -> list[Message]:
        """The mails delivered so far."""
        return [message_from_bytes(file.read_bytes()) for file in (self.folder / "mail" / "all" / "new").glob("*")]

    def _configure(self) -> None:
        self.folder.chmod(0o755)
        for name in ("conf", "queue", "data", "log", "mail"):
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "data", "postfix")
        shutil.chown(self.folder / "mail", NOBODY, NOBODY)
        conf = self.folder / "conf"
        (conf / "main.cf").write_text(MAIN.format(daemons=DAEMONS, folder=self.folder, nobody=NOBODY))
        (conf / "master.cf").write_text(MASTER.format(port=self.port))
        (conf / "access").write_text("".join(f"{address} 550 5.1.1 no such user\n" for address in self._refused))
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-keyout", conf / "server.key", "-out", conf / "server.pem", "-days", "2", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
            check=True, capture_output=True,
        )  # fmt: skip

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                return connection.recv(3) == b"220"
        except OSError:
            return False


class Login(threading.Thread):
    """Dovecot's authentication protocol, version 1.2, as far as Postfix speaks it, with PLAIN alone: one user, or any
    with this password.

    Its description: https://doc.dovecot.org/2.3/developer_manual/design/auth_protocol/
    """

    def __init__(self, path: Path, password: str, user: str | None = None) -> None:
        super().__init__(daemon=True)
        self._user, self._password = user, password
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(path))
        path.chmod(0o666)
        self._socket.listen()
        self.start()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self.join()

    def run(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return  # it was closed
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rwb", buffering=0) as lines:
            lines.write(b"VERSION\t1\t2\nMECH\tPLAIN\tplaintext\nSPID\t1\nCUID\t1\nCOOKIE\t0\nDONE\n")
            for line in lines:
                fields = line.decode().rstrip("\n").split("\t")
                if fields[0] == "AUTH":
                    given = next((field[5:] for field in fields if field.startswith("resp=")), "")
                    _, user, password = base64.b64decode(given).decode().split("\0")
                    right = password == self._password and user == (self._user or user)
                    answer = f"OK\t{fields[1]}\tuser={user}\n" if right else f"FAIL\t{fields[1]}\n"
                    lines.write(answer.encode())
