"""The settings that docs/gate.md tells a postmaster to add, as they stand there."""

from __future__ import annotations

from collections.abc import Mapping

from tests.docs.markdown import ROOT, blocks

POLICY = "# main.cf: the policy service"
LOGIN_PORTS = "# master.cf: the ports where users log in"
MILTER = "# main.cf: the milter"
SOCKETS = "# main.cf: both by Unix sockets"
EXIM = "# Exim, in the ACL of acl_smtp_rcpt, before everything that accepts"
PAGE = ROOT / "docs" / "gate.md"


def snippet(first_line: str, replaced: Mapping[str, str]) -> str:
    """The block of the page that begins with this line, with addresses of the page replaced by those of a test."""
    found = [text for _, text in blocks(PAGE) if text.startswith(f"{first_line}\n")]
    assert len(found) == 1, f"{PAGE.name} has {len(found)} blocks that begin with {first_line!r}"
    text = found[0]
    for old, new in replaced.items():
        text = text.replace(old, new)
    return text
