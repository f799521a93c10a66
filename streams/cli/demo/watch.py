"""Prints alerts as they arrive, in a thread of its own."""

from __future__ import annotations

from threading import Event, Thread
from types import TracebackType

from rich.console import Console

from streams.cli.alerts.run import alerts_in
from streams.cli.shared.tables import alert_table
from streams.clock import monotonic
from streams.config import Settings
from streams.errors import StraymailError
from streams.events.alert_view import AlertView
from streams.kafka.clients.read import follow
from streams.kafka.topics.names import topic_names


class AlertWatch:
    """Context manager that prints new findings and rises in severity, and keeps the newest state of each finding.

    `last_at` is the monotonic time at which the last alert arrived.
    """

    def __init__(self, settings: Settings, console: Console) -> None:
        self._settings, self._console = settings, console
        self._newest: dict[str, AlertView] = {}
        self._stop = Event()
        self._thread = Thread(target=self._run, name="alert-watch", daemon=True)
        self._failure: Exception | None = None
        self.last_at = monotonic()

    def __enter__(self) -> AlertWatch:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def check(self) -> None:
        """Raise the error that ended the thread, if any: StraymailError, or BrokenPipeError if stdout was closed."""
        if self._failure is not None:
            raise self._failure

    def findings(self) -> list[AlertView]:
        """The newest state of each finding so far."""
        return list(self._newest.values())

    def _run(self) -> None:
        try:
            self._follow()
        except (StraymailError, BrokenPipeError) as error:
            self._failure = error

    def _follow(self) -> None:
        topic = topic_names(self._settings).alerts
        header = True
        for alert in alerts_in(follow(self._settings, topic, start="beginning", stop=self._stop)):
            present = self._newest.get(alert.view.uid)
            if present is not None and alert.view.sequence <= present.sequence:
                continue
            self._newest[alert.view.uid] = alert.view
            self.last_at = monotonic()
            if present is None or alert.view.severity > present.severity:
                self._console.print(alert_table([alert.view], self._console, header=header))
                header = False
