"""What `straymail import` was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from streams.errors import UsageError


@dataclass(frozen=True, slots=True)
class Plan:
    """What was asked for. `prefix` goes before the pipeline's own topic prefix; None for live mail."""

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

    def check(self) -> None:
        """Raises UsageError for what doesn't go together."""
        if not self.files and not (self.finish and self.source is None):
            raise UsageError("name a SOURCE and its FILES (- for stdin), or --finish alone")
        if self.finish and (self.prefix is None or self.to_lines):
            raise UsageError("--finish ends a history in Kafka: it doesn't go with live mail, --dry-run or -o")
        if self.follow and (len(self.files) != 1 or self.files[0] == "-"):
            raise UsageError("--follow reads one file, which is not stdin")
        if self.follow and self.position is None:
            raise UsageError("--follow needs --position FILE, to go on from there when it is started again")
        if not self.follow and (self.position is not None or self.from_start):
            raise UsageError("--position and --from-start go with --follow")
