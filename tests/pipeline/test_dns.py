"""A worker that asks a real name server about mistaken domains."""

from __future__ import annotations

import time

import orjson

from tests.name_server import NameServer
from tests.pipeline.conftest import NewWorker
from tests.pipeline.topics import Topics
from tests.pipeline.worker import wait_until


def test_alerts_say_whether_the_domain_takes_mail(
    pipeline: Topics, new_worker: NewWorker, name_server: NameServer
) -> None:
    worker = new_worker(DNS_ENABLED="true", DNS_SERVERS=name_server.address)
    worker.wait_ready()
    event = {"id": "e1", "time": int(time.time() * 1000), "sender": "desk7@mod.gov.uk", "recipients": ["jo@army.ml"]}
    pipeline.send(pipeline.names.events, iter([("k", orjson.dumps(event))]))
    wait_until(lambda: bool(list(pipeline.values(pipeline.names.alerts))), seconds=30, what="an alert")
    alert = orjson.loads(next(iter(pipeline.values(pipeline.names.alerts))))
    words = [enrichment["desc"] for enrichment in alert["enrichments"]]
    assert words == ["army.ml takes mail at mx1.example.ml, mx2.example.ml"]
    assert worker.metric("straymail_dns_facts_total", facts="known") == 1
    worker.stop()
