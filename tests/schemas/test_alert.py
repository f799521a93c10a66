from typing import Any

import pytest

from tests.schemas.loading import is_valid, schema

(CREATED,) = schema("alert")["examples"]


def changed(**fields: Any) -> dict[str, Any]:
    """The example with fields changed; one that is changed to `...` is left out."""
    return {name: value for name, value in (CREATED | fields).items() if value is not ...}


def changed_ours(**fields: Any) -> dict[str, Any]:
    return changed(unmapped={"straymail": CREATED["unmapped"]["straymail"] | fields})


UPDATE = {"activity_id": 2, "type_uid": 200402, "status_id": ..., "status": ..., "is_alert": False}
CLOSE = {"activity_id": 3, "type_uid": 200403, "status_id": 3, "status": "Suppressed", "is_alert": False}


@pytest.mark.parametrize(
    "alert",
    [
        changed(**UPDATE),
        changed(**UPDATE | {"status_id": 1}),
        changed(**CLOSE),
        changed(**CLOSE | {"count": 0, "evidences": ...}),
        changed(device={"hostname": "mx1"}),
        changed_ours(window_state="final", late=True, owner="soc@mod.example"),
    ],
)
def test_alerts(alert: dict[str, Any]) -> None:
    assert is_valid("alert", alert)


@pytest.mark.parametrize(
    "alert",
    [
        *(changed(**{name: ...}) for name in schema("alert")["required"]),
        changed(activity_id=2),
        changed(**UPDATE | {"status_id": 3}),
        changed(**CLOSE | {"status_id": 4}),
        changed(**CLOSE | {"is_alert": True}),
        changed(severity_id=6),
        changed(confidence_score=101),
        changed(metadata=CREATED["metadata"] | {"version": "1.4.0"}),
        changed(evidences=CREATED["evidences"] * 21),
        changed_ours(window_state="closed"),
        changed_ours(domains=["army.ml"]),
    ],
)
def test_what_is_no_alert_of_ours(alert: dict[str, Any]) -> None:
    assert not is_valid("alert", alert)
