from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.broker.certificates import missing_tool
from tests.broker.secure import SecureKafka


@pytest.fixture(scope="session")
def secure_kafka(kafka_jars: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureKafka]:
    """One real Kafka with TLS, logins and rights for the whole run."""
    reason = missing_tool()
    if reason is not None:
        pytest.skip(reason)
    with SecureKafka(tmp_path_factory.mktemp("certificates")) as kafka:
        yield kafka
