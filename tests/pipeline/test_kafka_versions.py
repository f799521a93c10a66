"""The pipeline's delivery guarantees on the other versions of Kafka that docs/kafka-versions.md names."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from streams.kafka.topics.admin import check_topics
from tests.broker.apache import ApacheKafka
from tests.broker.jars import OTHER_VERSIONS, jars
from tests.cache import UnavailableError
from tests.kafka.dataplane import test_offset_requests as offset_requests
from tests.pipeline import test_delivery_guarantees as delivery_guarantees
from tests.pipeline import test_static_members as static_members
from tests.pipeline.conftest import NewWorker
from tests.pipeline.topics import Topics

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module", params=OTHER_VERSIONS)
def apache_kafka(request: pytest.FixtureRequest, kafka_jars: None) -> Iterator[ApacheKafka]:
    """A broker of each version, instead of that of the other tests."""
    try:
        jars(request.param)
    except UnavailableError as reason:
        pytest.skip(str(reason))
    with ApacheKafka(version=request.param) as kafka:
        yield kafka


def test_topics_are_as_they_should_be(pipeline: Topics) -> None:
    assert [str(problem) for problem in check_topics(pipeline.settings) if problem.error] == []


def test_the_end_counts_mail_of_open_transactions(apache_kafka: ApacheKafka, prefix: str) -> None:
    offset_requests.test_the_end_counts_mail_of_transactions_that_are_still_open(apache_kafka, prefix)


def test_a_worker_is_killed_midway_and_is_replaced(pipeline: Topics, new_worker: NewWorker) -> None:
    delivery_guarantees.test_a_worker_ends_midway_and_is_replaced(pipeline, new_worker, signal.SIGKILL)


def test_of_two_workers_with_one_id_the_first_ends_with_a_sentence(pipeline: Topics, new_worker: NewWorker) -> None:
    static_members.test_of_two_workers_with_one_id_the_first_ends_with_a_sentence(pipeline, new_worker)
