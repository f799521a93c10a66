"""The mail around a letter."""

from __future__ import annotations

import email
import email.policy

from streams.notify.letter import Letter
from streams.notify.mail import mail_of

NOW_MS = 1_790_000_000_000


def test_a_mail_says_that_no_machine_is_to_reply() -> None:
    letter = Letter("Gr\u00fc\u00dfe: your mail", "A text\nwith Gr\u00fc\u00dfe.\n")
    mail = mail_of(letter, sender="soc@mod.example", recipient="jo@mod.example", finding="0a1b", now_ms=NOW_MS)
    read = email.message_from_bytes(bytes(mail), policy=email.policy.default)
    assert (read["From"], read["To"], read["Subject"]) == ("soc@mod.example", "jo@mod.example", letter.subject)
    assert read.get_content().splitlines() == letter.text.splitlines()
    assert (read["Auto-Submitted"], read["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
    assert read["Date"] == "Mon, 21 Sep 2026 14:13:20 +0000"


def test_a_second_copy_has_the_same_message_id() -> None:
    letter = Letter("s", "t")
    ids = {
        mail_of(letter, sender="soc@mod.example", recipient=to, finding=finding, now_ms=now)["Message-ID"]
        for to, finding, now in [("a@x.org", "f", 1), ("a@x.org", "f", 2), ("b@x.org", "g", 1)]
    }
    assert ids == {"<straymail-f@mod.example>", "<straymail-g@mod.example>"}
