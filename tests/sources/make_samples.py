"""Makes the sample mail logs again with the real programs: `python -m tests.sources.make_samples postfix` or `exim`.

Debian's packages of the two exclude each other: for Exim, unpack exim4-daemon-light somewhere (`dpkg -x`) and name its
program: `python -m tests.sources.make_samples exim /somewhere/usr/sbin/exim4`. Nothing leaves the loopback address.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from tests.sources.exim import Exim
from tests.sources.postfix import Postfix

FOLDER = Path(__file__).parents[1] / "data" / "sources"
TRANSPORT = {"af.ml": "deferred", "gone.ml": "error:5.1.2 there is no such domain"}
ACCESS = {"nowhere.ml": "REJECT no such domain"}
ALIASES = {"allies@mod.example": "liaison@army.ml, liaison@army.mil", "press@mod.example": "editor@gone.ml"}


class MailSystem(Protocol):
    """The part of a mail system that the samples need."""

    log: Path

    def send(self, sender: str, recipients: Sequence[str], headers: Mapping[str, str] | None = None) -> None: ...
    def wait_until(self, condition: Callable[[], bool], what: str) -> None: ...
    def logged(self, text: str) -> int: ...


def send_all(system: MailSystem) -> None:
    """Send the mails of the samples: each covers one case of a log."""
    marked = {
        "Subject": "Movement order",
        "X-Protective-Marking": "OFFICIAL-SENSITIVE",
        "Message-ID": "<1@mod.example>",
    }
    system.send("desk1@mod.example", ["bob@army.ml"], marked)
    subject = {"Subject": "Grüße aus Köln", "Message-ID": "<2@mod.example>"}
    system.send("desk2@mod.example", ["a@army.mil", "b@navy.ml", "c@af.ml"], subject)
    system.send("desk3@mod.example", ["a@nowhere.ml"], {"Message-ID": "<3@mod.example>"})
    system.send("desk3@mod.example", ["a@nowhere.ml", "b@army.mil"], {"Message-ID": "<4@mod.example>"})
    system.send("desk4@mod.example", ["allies@mod.example"], {"Message-ID": "<5@mod.example>"})
    system.send("", ["desk1@mod.example"], {"Message-ID": "<7@mod.example>"})
    system.send("desk6@mod.example", ["none@army.ml"])
    system.send("desk7@mod.example", ["press@mod.example"], {"Message-ID": "<8@mod.example>"})


def make_postfix() -> None:
    """Make Postfix's sample, which also has held mail and its release."""
    with Postfix(TRANSPORT, ACCESS, ALIASES) as postfix:
        send_all(postfix)
        postfix.send("desk5@mod.example", ["hold@army.ml"], {"Message-ID": "<6@mod.example>", "X-Hold": "yes"})
        postfix.send("desk5@mod.example", ["kept@army.ml"], {"Message-ID": "<9@mod.example>", "X-Hold": "yes"})
        postfix.wait_until(lambda: postfix.logged("hold: header") == 2, "both are held")
        held = [line for line in postfix.log.read_text().splitlines() if "to=<hold@army.ml>" in line]
        postfix.control("postsuper", "-H", held[0].split(": ")[1])
        postfix.wait_until(lambda: postfix.logged("to=<hold@army.ml>, relay") == 1, "the released one is sent")
        postfix.wait_until(lambda: postfix.logged("to=<c@af.ml>, relay") == 3, "one was tried three times")
        _keep(postfix.log, "postfix")


def make_exim(program: Path) -> None:
    """Make Exim's sample with the program at this path."""
    with Exim(program) as exim:
        send_all(exim)
        exim.wait_until(lambda: exim.logged("Completed") >= 7, "all but one are done")
        _keep(exim.log, "exim")


def _keep(log: Path, name: str) -> None:
    (FOLDER / name).mkdir(parents=True, exist_ok=True)
    (FOLDER / name / log.name).write_bytes(log.read_bytes())


if __name__ == "__main__":
    if sys.argv[1] == "postfix":
        make_postfix()
    else:
        make_exim(Path(sys.argv[2]))
