"""A finding as the console keeps it."""

from __future__ import annotations

import orjson
import pytest

from streams.console.stored_finding import EVIDENCES_KEPT, finding_of, successor
from streams.errors import UnreadableRecord
from streams.events.alert import encode_alert
from streams.events.finding import Evidence
from tests.cli.finding import finding
from tests.console.samples import UIDS, found


def evidences(*numbers: int) -> list[Evidence]:
    return [Evidence("desk@mod.gov.uk", ["ops@army.ml"], f"<{number}@mod.gov.uk>") for number in numbers]


def message_ids(kept: list[dict[str, object]]) -> list[object]:
    return [each["email"]["message_uid"] for each in kept if isinstance(each["email"], dict)]


def test_the_alert_is_kept_as_it_was_published() -> None:
    value = encode_alert(finding(count=7))
    stored = finding_of(value)
    assert stored.alert_bytes() == value
    assert (stored.count, stored.view().count, stored.uid, stored.version) == (7, 7, UIDS[0], 0)


@pytest.mark.parametrize(
    ("changes", "state"), [({}, "open"), ({"window": "final"}, "final"), ({"activity": 3, "sequence": 2}, "withdrawn")]
)
def test_a_finding_is_as_its_window_is_or_withdrawn(changes: dict[str, object], state: str) -> None:
    assert found(**changes).state == state


NO_EVIDENCES = orjson.dumps(orjson.loads(encode_alert(finding())) | {"evidences": "none"})


@pytest.mark.parametrize("value", [b"", b"{}", b"\xff", NO_EVIDENCES])
def test_what_is_no_alert_is_refused(value: bytes) -> None:
    with pytest.raises(UnreadableRecord):
        finding_of(value)


def test_a_later_state_has_the_evidences_of_both_once_and_its_own_version() -> None:
    before, after = found(evidences=evidences(1, 2)), found(sequence=2, evidences=evidences(2, 3))
    joined = successor(after, before, 9)
    assert message_ids(joined.all_evidences()) == [f"<{number}@mod.gov.uk>" for number in (1, 2, 3)]
    assert (joined.version, joined.sequence) == (9, 2)
    assert successor(after, None, 5).all_evidences() == after.all_evidences()


def test_the_newest_evidences_are_kept() -> None:
    before, after = found(evidences=evidences(*range(EVIDENCES_KEPT))), found(sequence=2, evidences=evidences(99))
    kept = message_ids(successor(after, before, 1).all_evidences())
    assert (len(kept), kept[0], kept[-1]) == (EVIDENCES_KEPT, "<1@mod.gov.uk>", "<99@mod.gov.uk>")
