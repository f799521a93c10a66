"""A librdkafka client that has lost all brokers is told from one that only can't reach them."""

import orjson
import pytest

from streams.kafka.clients.lost_brokers import LostBrokers

COORDINATOR = {"GroupCoordinator": {"nodeid": -1, "source": "logical", "state": "INIT"}}
CONFIGURED = {"127.0.0.1:9092/bootstrap": {"nodeid": -1, "source": "configured", "state": "TRY_CONNECT"}}
LEARNED = {"127.0.0.1:9092/1": {"nodeid": 1, "source": "learned", "state": "DOWN"}}


@pytest.mark.parametrize(
    ("reports", "found"),
    [
        ([{}, {}], True),
        ([COORDINATOR, COORDINATOR], True),
        ([LEARNED, COORDINATOR], False),
        ([COORDINATOR, LEARNED, COORDINATOR], False),
        ([COORDINATOR | CONFIGURED] * 2, False),
        ([COORDINATOR | LEARNED] * 2, False),
        ([COORDINATOR], False),
    ],
)
def test_brokers_are_lost_where_two_reports_have_none(reports: list[dict[str, object]], *, found: bool) -> None:
    lost = LostBrokers()
    for brokers in reports:
        lost(orjson.dumps({"name": "rdkafka#consumer-1", "brokers": brokers, "topics": {}}).decode())
    assert lost.found is found
