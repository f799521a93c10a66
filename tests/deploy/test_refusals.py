"""Values that can't work are refused before anything is installed, with a sentence that names them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.deploy.chart import RefusedError, load, render

pytestmark = pytest.mark.usefixtures("helm_tool")

SASL = {"protocol": "SASL_SSL", "username": "straymail", "existingSecret": "straymail"}

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no brokers": ({"brokers": []}, "'/brokers'"),
    "a broker without a port": ({"brokers": ["kafka"]}, "'/brokers/0'"),
    "no watchlist": ({"watchlist": {}}, "watchlist: name the domains to watch"),
    "two watchlists": ({"existingWatchlist": "ours"}, "existingWatchlist are both set"),
    "an unknown part of the watchlist": ({"watchlist": {"watch": ["*.mil"]}}, "'/watchlist'"),
    "an unknown value": ({"replica": 3}, "'replica' not allowed"),
    "an unknown value below": ({"image": {"name": "x"}}, "'name' not allowed"),
    "brokers in config": ({"config": {"brokers": "kafka:9092"}}, "'/config/brokers'"),
    "own domains in config": ({"config": {"own_domains": ["mod.gov.uk"]}}, "'/config/own_domains'"),
    "a password in config": ({"config": {"security": {"password": "secret"}}}, "'/config/security'"),
    "the privacy key in config": ({"config": {"privacy": {"key": "secret"}}}, "'/config/privacy/key'"),
    "a port in config": ({"config": {"web": {"port": 8080}}}, "'/config/web'"),
    "workers that make topics": ({"config": {"topics": {"create": True}}}, "'/config/topics/create'"),
    "partitions in config": ({"config": {"topics": {"events_partitions": 4}}}, "'/config/topics/events_partitions'"),
    "an unknown protocol": ({"security": {"protocol": "TLS"}}, "'/security/protocol'"),
    "an unknown mechanism": ({"security": {**SASL, "mechanism": "GSSAPI"}}, "'/security/mechanism'"),
    "SASL without a user": ({"security": {"protocol": "SASL_SSL", "existingSecret": "s"}}, "'/security"),
    "SASL without a secret": ({"security": {"protocol": "SASL_SSL", "username": "u"}}, "'/security"),
    "a user without SASL": ({"security": {"username": "u"}}, "'/security"),
    "a secret without security": ({"security": {"existingSecret": "s"}}, "'/security"),
    "an authority without TLS": ({"security": {**SASL, "protocol": "SASL_PLAINTEXT", "caSecret": "c"}}, "'/security"),
    "a token without an issuer": ({"security": {**SASL, "mechanism": "OAUTHBEARER"}}, "'/security"),
    "an issuer without TLS": (
        {"security": {**SASL, "mechanism": "OAUTHBEARER", "tokenUrl": "http://issuer.example.org/token"}},
        "'/security/tokenUrl'",
    ),
    "an issuer without tokens": ({"security": {**SASL, "tokenUrl": "https://issuer.example.org/token"}}, "'/security"),
    "topics made by a hook": ({"topics": {"manage": "hook"}}, "'/topics/manage'"),
    "no partition": ({"topics": {"eventsPartitions": 0}}, "'/topics/eventsPartitions'"),
    "no copy": ({"topics": {"replicationFactor": 0}}, "'/topics/replicationFactor'"),
    "the tag latest": ({"image": {"tag": "latest"}}, "'/image/tag'"),
    "half a digest": ({"image": {"digest": "sha256:0123"}}, "'/image/digest'"),
    "no worker": ({"replicas": 0}, "'/replicas'"),
    "more workers than partitions": ({"replicas": 9}, "replicas is 9, but mail.events has 8 partitions"),
    "two ways to scale": ({"autoscaling": {"mode": "keda,hpa"}}, "'/autoscaling/mode'"),
    "scaling to one": ({"autoscaling": {"mode": "keda", "minReplicas": 1}}, "'/autoscaling/minReplicas'"),
    "scaling to none": ({"autoscaling": {"mode": "hpa", "minReplicas": 0}}, "'/autoscaling/minReplicas'"),
    "scaling past the partitions": (
        {"autoscaling": {"mode": "keda", "maxReplicas": 9}},
        "autoscaling.maxReplicas is 9, but mail.events has 8 partitions",
    ),
    "a least above the most": (
        {"autoscaling": {"mode": "hpa", "minReplicas": 5, "maxReplicas": 4}},
        "autoscaling.minReplicas is 5",
    ),
    "hasty scaling down": (
        {"autoscaling": {"mode": "hpa", "scaleDownAfterSeconds": 5}},
        "'/autoscaling/scaleDownAfterSeconds'",
    ),
    "too little time to stop": ({"terminationGracePeriodSeconds": 10}, "'/terminationGracePeriodSeconds'"),
    "every worker scraped twice": (
        {"monitoring": {"podMonitor": {"enabled": True}, "serviceMonitor": {"enabled": True}}},
        "'/monitoring'",
    ),
    "an interval that is none": (
        {"monitoring": {"podMonitor": {"interval": "often"}}},
        "'/monitoring/podMonitor/interval'",
    ),
    "a variable set twice": ({"extraEnv": [{"name": "STRAYMAIL_BROKERS", "value": "x:1"}]}, "'/extraEnv/0/name'"),
    "a port that is none": ({"networkPolicy": {"kafkaPorts": [70000]}}, "'/networkPolicy/kafkaPorts/0'"),
    "labels that are no strings": ({"podLabels": {"team": 3}}, "'/podLabels/team'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_work_is_refused(case: str) -> None:
    changes, named = REFUSED[case]
    with pytest.raises(RefusedError) as refused:
        render(load("minimal") | changes)
    assert named in str(refused.value)


def test_nothing_given_tells_what_is_missing() -> None:
    with pytest.raises(RefusedError, match="brokers"):
        render({})
