"""A real Prometheus as a child process, with the project's rules, scraping every second."""

from __future__ import annotations

import json
import subprocess
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml

from tests.broker.ports import free_ports
from tests.deploy.promql import RULES, hurried
from tests.pipeline.worker import wait_until


class Prometheus:
    """`targets` are ports of 127.0.0.1 by the name of their job. The rules look back, and wait, `hurry` times less long
    than they are written."""

    def __init__(self, targets: Mapping[str, int], hurry: int = 1) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="straymail-prometheus-")
        (self._port,) = free_ports(1)
        scrapes = [
            {
                "job_name": job,
                "static_configs": [{"targets": [f"127.0.0.1:{port}"], "labels": {"namespace": "straymail"}}],
            }
            for job, port in targets.items()
        ]
        config = {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(self._rules(hurry))],
            "scrape_configs": scrapes,
        }
        self._config = Path(self._folder.name) / "prometheus.yml"
        self._config.write_text(yaml.safe_dump(config))
        self._process: subprocess.Popen[bytes] | None = None

    def _rules(self, hurry: int) -> Path:
        """The rules, evaluated more often than in production."""
        rules = yaml.safe_load(RULES.read_text())
        for group in rules["groups"]:
            group["interval"] = "1s"
            group["rules"] = [hurried(rule, hurry) for rule in group["rules"]]
        path = Path(self._folder.name) / "rules.yaml"
        path.write_text(yaml.safe_dump(rules))
        return path

    def __enter__(self) -> Self:
        storage = f"--storage.tsdb.path={self._folder.name}/data"
        listen = f"--web.listen-address=127.0.0.1:{self._port}"
        with (Path(self._folder.name) / "log").open("wb") as log:
            self._process = subprocess.Popen(
                ["prometheus", f"--config.file={self._config}", storage, listen],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        wait_until(self._is_ready, seconds=60, what="Prometheus is ready")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)
        self._folder.cleanup()

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The result of an instant query now; raises urllib.error.HTTPError where the expression is none."""
        found: list[dict[str, Any]] = self._ask(f"query?{urllib.parse.urlencode({'query': expression})}")["result"]
        return found

    def firing(self) -> set[str]:
        """The names of the alerts that fire now."""
        return {found["metric"]["alertname"] for found in self.query('ALERTS{alertstate="firing"}')}

    def rule_problems(self) -> list[str]:
        """What went wrong when rules were evaluated or their annotations were written."""
        rules = [rule for group in self._ask("rules")["groups"] for rule in group["rules"]]
        return [f"{rule['name']}: {rule['lastError']}" for rule in rules if rule.get("lastError")]

    def _ask(self, path: str) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/api/v1/{path}", timeout=10) as answer:
            return json.loads(answer.read())["data"]

    def _is_ready(self) -> bool:
        try:
            return bool(self._ask("status/buildinfo"))
        except (OSError, urllib.error.HTTPError):
            return False
