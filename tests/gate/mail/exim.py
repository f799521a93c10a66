"""A real Exim with logins that asks a gate by the settings of docs/gate.md, and sends mail to an smtp-sink."""

from __future__ import annotations

import shutil
from pathlib import Path
from textwrap import indent

from tests.gate.mail.client import PASSWORD
from tests.gate.mail.exim_package import exim_program
from tests.sources.exim import CONFIGURATION, Exim

OPEN_RCPT = """\
check_rcpt:
  deny message = no such domain
       domains = nowhere.ml
  accept
"""
LOGINS = f"""\
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if eq{{$auth3}}{{{PASSWORD}}}}}
  server_set_id = $auth2
"""


class AskingExim(Exim):
    """One instance, whose ACL for recipients begins with `acl` and then accepts. Raises UnavailableError."""

    def __init__(self, acl: str) -> None:
        super().__init__(exim_program())
        self._program = Path(shutil.copy(self._program, self.folder / "exim4"))  # Exim's user can't read the cache
        assert OPEN_RCPT in CONFIGURATION
        asking = f"check_rcpt:\n{indent(acl, '  ')}  accept\n".replace("{", "{{").replace("}", "}}")
        logins = LOGINS.replace("{", "{{").replace("}", "}}")
        self.configuration = CONFIGURATION.replace(OPEN_RCPT, asking) + logins
