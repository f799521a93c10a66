"""A gate and a worker on one Kafka: what the gate asked, and what came of it, is in findings, and counts as no mail."""

from __future__ import annotations

import time
from typing import Any

import orjson

from tests.gate.mail.running_gate import WAIT_SECONDS, RunningGate
from tests.gate.policy_client import DUNNO, ask_policy
from tests.pipeline.conftest import NewWorker
from tests.pipeline.topics import Topics
from tests.pipeline.worker import wait_until


def newest(pipeline: Topics) -> dict[str, Any]:
    """What the newest alert says of the sender's finding; empty where there is none."""
    alerts = [orjson.loads(value) for value in pipeline.values(pipeline.names.alerts)]
    own = [alert for alert in alerts if alert["finding_info"]["analytic"]["name"] == "sender-typo-hits"]
    return max(own, key=lambda alert: int(alert["metadata"]["sequence"]), default={})


def asked(pipeline: Topics) -> tuple[int, int, int]:
    """The questions of the sender's finding, and how many were confirmed and corrected."""
    fields = newest(pipeline).get("unmapped", {}).get("straymail", {})
    return fields.get("asked_count", 0), fields.get("confirmed_count", 0), fields.get("corrected_count", 0)


def test_what_was_asked_confirmed_and_corrected_is_in_the_finding(pipeline: Topics, new_worker: NewWorker) -> None:
    new_worker(OWN_DOMAINS="mod.gov.uk").wait_ready()
    gate = RunningGate(
        GATE_STORE="kafka",
        GATE_DEADLINE="1s",
        BROKERS=pipeline.settings.brokers,
        TOPIC_PREFIX=pipeline.settings.topic_prefix,
        OWN_DOMAINS="mod.gov.uk",
    )
    with gate:
        for number, name in enumerate(("confirms", "corrects", "gives-up")):
            assert ask_policy(gate.policy, f"{name}@army.ml", instance=f"1.{number}") != DUNNO
        time.sleep(WAIT_SECONDS + 0.1)  # a person waits
        assert ask_policy(gate.policy, "confirms@army.ml", instance="2") == DUNNO
        assert ask_policy(gate.policy, "corrects@army.mil", instance="3") == DUNNO
        wait_until(lambda: asked(pipeline) == (3, 1, 1), seconds=120, what="the finding has all of it")
    alert = newest(pipeline)
    assert alert["count"] == 0, "nothing has left"
    assert alert["severity_id"] == 1
