"""Workers with an instance id, killed and started again in place, stopped, and two with the same one."""

from __future__ import annotations

import signal
import time

import orjson
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewPartitions

from tests.pipeline.conftest import NewWorker
from tests.pipeline.topics import Topics
from tests.pipeline.worker import TookTooLongError, WorkerProcess, wait_until

SESSION_S = 15.0
REBALANCES = "straymail_rebalances_total"


def members(new_worker: NewWorker, number: int) -> list[WorkerProcess]:
    """Workers with ids, of which the first leads the group."""
    workers = []
    for name in range(number):
        workers.append(new_worker(INSTANCE_ID=f"worker-{name}"))
        workers[-1].wait_ready()
    return workers


def send_everywhere(topics: Topics, name: str) -> set[str]:
    """Send a slip to each partition of mail.events; their senders."""
    senders = {partition: f"{name}{partition}@mod.gov.uk" for partition in topics.ends(topics.names.events)}
    common = {"time": int(time.time() * 1000), "recipients": ["jo@army.ml"]}
    mails = {p: orjson.dumps(common | {"id": sender, "sender": sender}) for p, sender in senders.items()}
    topics.send_to_partitions(topics.names.events, mails)
    return set(senders.values())


def wait_for_alerts(topics: Topics, senders: set[str], seconds: float) -> None:
    def found() -> bool:
        alerts = (orjson.loads(value)["unmapped"]["straymail"] for value in topics.values(topics.names.alerts))
        return senders <= {alert.get("sender") for alert in alerts}

    wait_until(found, seconds=seconds, what="an alert about each sender")


def test_a_killed_worker_that_starts_again_has_its_partitions_back_without_a_rebalance(
    pipeline: Topics, new_worker: NewWorker
) -> None:
    kept, killed = members(new_worker, 2)
    wait_for_alerts(pipeline, send_everywhere(pipeline, "before"), 30)
    for _ in range(5):  # on a busy machine a start may take longer than the session
        seen, begin = kept.metric(REBALANCES), time.monotonic()
        killed.kill()
        killed.start()
        killed.wait_ready()
        if time.monotonic() - begin < SESSION_S - 3:
            break
    else:
        raise TookTooLongError("no start took less than a session")
    wait_for_alerts(pipeline, send_everywhere(pipeline, "after"), 30)
    assert kept.metric(REBALANCES) == seen
    assert killed.stop() == kept.stop() == 0


def test_a_killed_leader_that_starts_again_notices_added_partitions(pipeline: Topics, new_worker: NewWorker) -> None:
    killed, kept = members(new_worker, 2)
    assert "Elected group leader" not in kept.log
    killed.kill()
    more = len(pipeline.ends(pipeline.names.events)) + 1
    admin = AdminClient({"bootstrap.servers": pipeline.settings.brokers})
    admin.create_partitions([NewPartitions(pipeline.names.events, more)])[pipeline.names.events].result(30)
    killed.start()
    killed.wait_ready()
    wait_for_alerts(pipeline, send_everywhere(pipeline, "added"), 40)
    assert killed.stop() == kept.stop() == 0


def test_a_worker_that_is_stopped_leaves_its_partitions_to_others_at_once(
    pipeline: Topics, new_worker: NewWorker
) -> None:
    kept, stopped = members(new_worker, 2)
    assert stopped.stop() == 0
    begin = time.monotonic()
    wait_for_alerts(pipeline, send_everywhere(pipeline, "late"), SESSION_S)
    assert time.monotonic() - begin < SESSION_S - 2
    assert kept.stop() == 0


def test_of_two_workers_with_one_id_the_first_ends_with_a_sentence(pipeline: Topics, new_worker: NewWorker) -> None:
    (first,) = members(new_worker, 1)
    second = new_worker(INSTANCE_ID="worker-0")
    assert first.wait(30) == 1
    group = pipeline.group
    sentence = f"another worker has joined the consumer group {group} with this one's instance_id, worker-0: give each"
    assert sentence in first.log
    second.wait_ready()
    wait_for_alerts(pipeline, send_everywhere(pipeline, "second"), 30)
    assert second.stop(signal.SIGINT) == 0
