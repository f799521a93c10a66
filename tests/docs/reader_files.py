"""The files that a reader of the documentation has already: logs, exports and mailboxes, secrets, folders."""

from __future__ import annotations

import gzip
import mailbox
import shutil
from contextlib import closing
from pathlib import Path

from tests.docs.markdown import ROOT

SAMPLES = ROOT / "tests" / "data" / "sources"
COPIES = {
    "/var/log/mail.log": "postfix/mail.log",
    "/var/log/exim4/mainlog": "exim/mainlog",
    "/var/log/suricata/eve.json": "suricata/eve.json",
    "eve.json": "suricata/eve.json",
    "/opt/zeek/logs/current/smtp.log": "zeek/smtp.log",
    "smtp.log": "zeek/smtp.log",
    "sent.mbox": "mailbox/sent.mbox",
    "email_log_search.csv": "google/email_log_search.csv",
    "MessageTrace.csv": "m365/summary.csv",
    "email-events.json": "defender/eventhubs.json",
    "hunting.csv": "defender/hunting.csv",
    "tracking.json": "exchange/tracking.json",
    "MSGTRK2026112407-1.LOG": "exchange/MSGTRK2026112406-1.LOG",
}
PACKED = {
    "/opt/zeek/logs/2026-11-24/smtp.06:00:00-07:00:00.log.gz": "zeek/smtp.log",
    "bigquery-20261124.json.gz": "google/bigquery.json",
}
TEXTS = {
    "/run/secrets/smtp": "a password\n",
    "recipients.txt": "j.smith@army.ml\nvisits@nato.int\n",
    "new.yaml": "watched: [army.mil]\n",
    "watchlist.txt": "*.mil\n",
    "old.jsonl": "".join(
        f'{{"id": "{number}", "time": "2025-11-03T0{number}:00:00Z", "sender": "m.ross@mod.gov.uk", '
        '"recipients": ["j.smith@army.ml"]}\n'
        for number in (1, 2)
    ),
    "unreadable.jsonl": "".join(
        f'{{"id": "{time}", "time": "{time}", "sender": "m.ross@mod.gov.uk", "recipients": ["{recipient}"]}}\n'
        for time, recipient in [
            ("2026-11-24T07:00:00Z", "nobody"),
            ("2026-11-24 at seven", "j.smith@army.ml"),
            ("2098-11-24T07:00:00Z", "j.smith@army.ml"),
        ]
    ),
}
FOLDERS = ("/etc/straymail", "/var/lib/straymail")


def lay_out(root: Path, folder: Path) -> None:
    """Write them: those with a whole path below `root`, the others into `folder`."""
    for name, sample in COPIES.items():
        shutil.copy(SAMPLES / sample, _made(root, folder, name))
    for name, sample in PACKED.items():
        _made(root, folder, name).write_bytes(gzip.compress((SAMPLES / sample).read_bytes()))
    for name, text in TEXTS.items():
        _made(root, folder, name).write_text(text)
    for name in FOLDERS:
        _made(root, folder, name).mkdir(exist_ok=True)
    _write_messages(_made(root, folder, "~/Maildir/.Sent"), _made(root, folder, "journal"))


def pack_mails(mails: str, folder: Path) -> None:
    """The reader's own mail events, under the names that pages give to rotated and imported ones too."""
    (folder / "mails.jsonl").write_text(mails)
    for name in ("mails-1.gz", "events.jsonl.gz"):
        (folder / name).write_bytes(gzip.compress(mails.encode()))


def _made(root: Path, folder: Path, name: str) -> Path:
    path = root / name.lstrip("/").replace("~", "home") if name[0] in "/~" else folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _write_messages(maildir: Path, journal: Path) -> None:
    journal.mkdir(exist_ok=True)
    sent = mailbox.Maildir(maildir)
    with closing(mailbox.mbox(SAMPLES / "mailbox" / "sent.mbox", create=False)) as messages:
        for number, message in enumerate(messages):
            sent.add(message)
            (journal / f"{number}.eml").write_bytes(message.as_bytes())
