"""The arguments of `straymail import`, and their checks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from streams.errors import UsageError

DEFAULT_PREFIX = "history."


@dataclass(frozen=True, slots=True)
class Plan:
    """Arguments of `straymail import`. `prefix` is put before the pipeline's topic prefix; None for live mail."""

    source: str | None
    files: tuple[str, ...]
    config: Path | None = None
    to_lines: bool = False
    output: Path | None = None
    prefix: str | None = None
    finish: bool = False
    follow: bool = False
    position: Path | None = None
    from_start: bool = False
    timezone: str | None = None
    year: int | None = None
    name: str | None = None
    from_topic: str | None = None
    from_config: Path | None = None

    @property
    def reads_on(self) -> bool:
        """Whether it reads what arrives, for ever, and not files that are there."""
        return self.follow or self.from_topic is not None

    def check(self) -> None:
        """Raise UsageError for arguments that can't be used, or not together."""
        if self.from_topic is not None:
            self._check_topic()
        elif self.from_config is not None:
            raise UsageError("--from-config can only be used with --from-topic")
        elif not self.files and not (self.finish and self.source is None):
            raise UsageError("give a SOURCE and its FILES (- for stdin), or only --finish")
        if self.finish and (self.prefix is None or self.to_lines):
            raise UsageError("--finish ends a history in Kafka: it can't be used with live mail, --dry-run or -o")
        if self.follow and (len(self.files) != 1 or self.files[0] == "-"):
            raise UsageError("--follow reads exactly one file, and not stdin")
        if self.follow and self.position is None:
            raise UsageError("--follow needs --position FILE, to resume from there after a restart")
        if not self.reads_on and (self.position is not None or self.from_start):
            raise UsageError("--position and --from-start can only be used with --follow or --from-topic")
        from streams.events.asked import GATE_SOURCE  # late: every `--help` loads this module

        if self.name == GATE_SOURCE:
            raise UsageError("--name gate: the gate's own events have that name; give the log another")

    def _check_topic(self) -> None:
        if self.source is None or self.files or self.follow:
            raise UsageError("--from-topic is read instead of FILES: give a SOURCE, no FILES and no --follow")
        if self.position is None:
            raise UsageError("--from-topic needs --position FILE, to resume from there after a restart")
