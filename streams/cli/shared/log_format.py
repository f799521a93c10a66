"""Logs to stderr, in lines that no text can break or steer, and without the text of an unexpected error."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from traceback import format_tb
from types import TracebackType

from streams.events.safe_text import clean

FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"
CAUSES_SHOWN = 10
_Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class SafeFormatter(logging.Formatter):
    """Cleans each message, and indents tracebacks, so that only straymail begins a line.

    The text of an unexpected error may quote a mail, so only its type and its place in the code are logged; `whole`,
    for the level DEBUG, logs its text too.
    """

    def __init__(self, *, whole: bool) -> None:
        super().__init__(FORMAT)
        self._whole = whole

    def format(self, record: logging.LogRecord) -> str:
        """The line, and the indented traceback where there is one. The record is left as it is, for other handlers."""
        if not self._whole and isinstance(record.args, tuple) and record.name.partition(".")[0] in ("faust", "mode"):
            record = logging.makeLogRecord({**record.__dict__, "args": tuple(map(_without_text, record.args))})
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - as logging names it
        return clean(super().formatMessage(record))

    def formatException(self, ei: _Raised) -> str:  # noqa: N802 - as logging names it
        text = super().formatException(ei) if self._whole else "\n".join(_places(ei[1]))
        return "\n".join(f"    {clean(line)}" for line in text.splitlines())


def _without_text(value: object) -> object:
    return type(value).__name__ if isinstance(value, BaseException) else value


def log_to_stderr(level: str) -> None:
    """Log to stderr. Faust and aiokafka are verbose: at INFO only their warnings and errors are logged."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(SafeFormatter(whole=level == "DEBUG"))
    logging.basicConfig(level=level, handlers=[handler])
    if level == "INFO":
        for name in ("faust", "mode", "aiokafka"):
            logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("aiokafka.conn").setLevel(
        logging.INFO
    )  # at DEBUG it logs requests, including the SASL PLAIN password


def _places(error: BaseException | None) -> Iterator[str]:
    """The traceback of an error and of its causes, the last one first, without their texts."""
    for _ in range(CAUSES_SHOWN):
        if error is None:
            return
        yield f"{type(error).__name__} at (most recent call last; log_level DEBUG shows its text):"
        yield "".join(format_tb(error.__traceback__)).rstrip("\n")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
