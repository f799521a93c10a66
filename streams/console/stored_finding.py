"""A finding as the console stores it: the fields of the table and its filters, and the whole alert, packed."""

from __future__ import annotations

from collections.abc import Sequence
from sys import intern
from typing import Any

import msgspec
import orjson

from streams.console.compress import pack, unpack
from streams.events.alert_view import AlertView, decode_alert, read_alert
from streams.events.asked import NOTHING_ASKED, AskedCounts
from streams.events.safe_text import clean
from streams.triage.decision import TriageDecision
from streams.triage.standing import standing
from streams.triage.status import TriageStatus

EVIDENCES_KEPT = 50
"""Evidences kept per finding: the newest of all its states."""


class _Evidences(msgspec.Struct):
    """The evidences of an alert, as their JSON."""

    evidences: list[msgspec.Raw] = []


_evidences_of_alert = msgspec.json.Decoder(_Evidences).decode
_split = msgspec.json.Decoder(list[msgspec.Raw]).decode


class StoredFinding(msgspec.Struct, frozen=True, gc=False):
    """The newest state of a finding. Times are integer ms since the epoch. Texts are cleaned, as they are shown and
    searched for; those in `alert` and `evidences` are as they were published. `asked` counts the questions of the gate.

    `state` is that of its window (open, late, final), or withdrawn. `version` is the number of the change, in this
    console, that stored this state. `alert` is the alert's JSON, and `evidences` a JSON array of the evidences of all
    states seen; both are packed. `decision` is the last one of a person, `status` how the finding stands by it, and
    `is_reopened` whether later mail has opened it again.
    """

    uid: str
    sequence: int
    severity: int
    rule: str
    sender: str | None
    domain: str
    intended: str
    slip: str
    domain_count: int
    counts: str
    count: int
    count_is_minimum: bool
    delivered_count: int
    asked: AskedCounts
    first_seen_ms: int
    last_seen_ms: int
    state: str
    alert: bytes
    evidences: bytes
    version: int = 0
    decision: TriageDecision | None = None
    status: TriageStatus = TriageStatus.NEW
    is_reopened: bool = False

    @property
    def case(self) -> str:
        """What groups findings: those of one sender are one case, any other is one by itself."""
        return f"finding:{self.uid}" if self.sender is None else f"sender:{self.sender}"

    @property
    def assignee(self) -> str | None:
        """Who works on the finding, or closed it."""
        return None if self.decision is None else self.decision.assignee

    def alert_bytes(self) -> bytes:
        """The newest alert, as it was published."""
        return unpack(self.alert)

    def view(self) -> AlertView:
        """The newest alert, decoded."""
        return read_alert(self.alert_bytes())

    def all_evidences(self) -> list[dict[str, Any]]:
        """OCSF evidences of all states seen, oldest first."""
        evidences: list[dict[str, Any]] = orjson.loads(unpack(self.evidences)) if self.evidences else []
        return evidences


def finding_of(value: bytes) -> StoredFinding:
    """The finding in an alert. Raises UnreadableRecord where it is not an alert of straymail's."""
    view = read_alert(value)
    evidences = decode_alert(_evidences_of_alert, value).evidences
    return StoredFinding(
        uid=clean(view.uid),
        sequence=view.sequence,
        severity=int(view.severity),
        rule=intern(clean(view.rule)),
        sender=None if view.sender is None else clean(view.sender),
        domain=intern(clean(view.domain)),
        intended=intern(clean(view.intended)),
        slip=intern(clean(view.slip)),
        domain_count=view.domain_count,
        counts=intern(clean(view.counts)),
        count=view.count,
        count_is_minimum=view.count_is_minimum,
        delivered_count=view.delivered_count,
        asked=view.asked if view.asked.asked else NOTHING_ASKED,  # one object for nearly all
        first_seen_ms=view.first_seen_ms,
        last_seen_ms=view.last_seen_ms,
        state=intern("withdrawn" if view.activity == "close" else clean(view.window)),
        alert=pack(value),
        evidences=_packed(evidences),
    )


def decided(finding: StoredFinding, decision: TriageDecision | None) -> StoredFinding:
    """The finding with the last decision on it, and how it stands by that."""
    if decision is None:
        return finding
    now = standing(finding, decision)
    return msgspec.structs.replace(finding, decision=decision, status=now.status, is_reopened=now.is_reopened)


def successor(finding: StoredFinding, before: StoredFinding | None, version: int) -> StoredFinding:
    """The newer state `finding` with this version, and with the evidences of both states."""
    if before is None or not before.evidences:
        return msgspec.structs.replace(finding, version=version)
    joined = dict.fromkeys(
        bytes(each) for packed in (before.evidences, finding.evidences) for each in _unpacked(packed)
    )
    return msgspec.structs.replace(finding, version=version, evidences=_packed(list(joined)[-EVIDENCES_KEPT:]))


def _packed(evidences: Sequence[bytes | msgspec.Raw]) -> bytes:
    """Evidences, each as its JSON, in one packed array; empty for none."""
    return pack(b"[" + b",".join(evidences) + b"]") if evidences else b""


def _unpacked(packed: bytes) -> list[msgspec.Raw]:
    return _split(unpack(packed)) if packed else []
