"""A real Postfix with logins that asks a gate by the settings of docs/gate.md, and sends mail to an smtp-sink."""

from __future__ import annotations

import os
import subprocess

from tests.gate.mail.client import PASSWORD
from tests.notify.postfix import Login
from tests.sources.postfix import Postfix

LOGINS = """\
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {folder}/auth
"""


class AskingPostfix(Postfix):
    """One instance; `main` is added to its main.cf, where a name that stands there already is replaced, and `master` to
    its master.cf."""

    def __init__(self, main: str, master: str = "") -> None:
        super().__init__()
        self.main, self.master = LOGINS.format(folder=self.folder) + main, master

    def send_locally(self, sender: str, recipient: str) -> None:
        """Hand over a mail by sendmail(1), as a program on the host does."""
        command = ["sendmail", "-C", str(self.folder / "conf"), "-f", sender, recipient]
        environment = os.environ | {"MAIL_CONFIG": str(self.folder / "conf")}
        mail = b"Subject: from a program\n\nNothing of this is ever logged.\n"
        subprocess.run(command, input=mail, env=environment, check=True, capture_output=True)

    def _configure(self) -> None:
        super()._configure()
        self._login = Login(self.folder / "auth", PASSWORD)

    def _end(self) -> None:
        super()._end()
        self._login.close()
