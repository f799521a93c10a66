"""The compose file: what it mounts is there, what it sets is a setting, and it stays on this machine."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from streams.cli import COMMANDS
from streams.config import load_settings, setting_names
from tests.broker.jars import KAFKA_VERSION

DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if service["image"].startswith("straymail:")]


def test_what_is_mounted_is_there() -> None:
    mounts = [mount for service in SERVICES.values() for mount in service.get("volumes", [])]
    assert len(mounts) > 4
    for mount in mounts:
        assert (DEPLOY / mount.split(":")[0]).exists(), mount


@pytest.mark.parametrize("name", OURS)
def test_it_sets_what_is_a_setting(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in SERVICES[name]["environment"].items():
        assert variable in setting_names()
        monkeypatch.setenv(variable, value)
    assert load_settings().brokers == "kafka:9092"


@pytest.mark.parametrize("name", OURS)
def test_it_runs_what_is_a_command(name: str) -> None:
    assert SERVICES[name]["command"][0] in COMMANDS
    assert SERVICES[name]["read_only"] is True


def test_no_port_is_open_to_others() -> None:
    for service in SERVICES.values():
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:")


def test_every_image_has_a_version_and_kafka_is_the_one_that_is_tested() -> None:
    for service in SERVICES.values():
        tag = service["image"].rpartition(":")[2]
        assert tag[-1].isdigit()
    assert SERVICES["kafka"]["image"].endswith(f":{KAFKA_VERSION}")


def test_promtool_takes_the_configuration(promtool: str, tmp_path: Path) -> None:
    text = (DEPLOY / "prometheus" / "prometheus.yml").read_text()
    config = tmp_path / "prometheus.yml"
    config.write_text(text.replace("/etc/prometheus/rules.yaml", str(DEPLOY / "prometheus" / "rules.yaml")))
    run = subprocess.run([promtool, "check", "config", config], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_grafana_finds_its_data_source_under_the_name_of_prometheus() -> None:
    source = yaml.safe_load((DEPLOY / "grafana/provisioning/datasources/prometheus.yaml").read_text())
    assert source["datasources"][0]["url"] == "http://prometheus:9090"
    assert "prometheus" in SERVICES
