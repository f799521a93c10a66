"""A worker as a child process: started, waited for, asked for its metrics, stopped."""

from __future__ import annotations

from streams.cli.demo.child_process import ChildProcess
from streams.config import Settings
from streams.errors import StraymailError


class WorkerProcess(ChildProcess):
    """`straymail worker` in this environment."""

    def __init__(self, settings: Settings) -> None:
        super().__init__("worker", f"http://{settings.web.host}:{settings.web.port}", "/health/ready")

    def metrics(self) -> str:
        """Its metrics as Prometheus reads them. Raises StraymailError where it has ended or doesn't answer."""
        self.check()
        page = self._page("/metrics")
        if page is None:
            raise StraymailError(f"the worker doesn't answer at {self.address}/metrics")
        return page
