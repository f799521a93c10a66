"""A worker reduced to reading, scoring and publishing hits: no counting, no watermark messages, no gauges.

The difference between its cost and a whole worker's is the cost of everything else.
"""

from __future__ import annotations

from typing import Any

from streams.config import load_settings
from streams.kafka.malloc import bound_malloc
from streams.service.health import add_pages
from streams.worker.agents import AgentHooks, add_score_agent
from streams.worker.pipeline import Pipeline, run_worker


class ScoreAlone(Pipeline):
    """A pipeline of the score step alone, on the same data plane."""

    def _connect(self) -> None:
        hooks = AgentHooks(self.assignment.wait_for_commits, self._crash)
        add_score_agent(self.app, self.names.events, self.score, hooks)
        self.app.on_rebalance_complete.connect(self._begin)
        self.app.on_before_shutdown.connect(self._on_shutdown)
        add_pages(self.app, self.metrics, lambda: None if self._started else "joining the group")

    async def _begin(self, *_: Any, **__: Any) -> None:
        if not self._started:
            self.producer.start()
            self._started = True


if __name__ == "__main__":
    bound_malloc()
    run_worker(load_settings(), ScoreAlone)
