"""The work of `straymail import --from-topic`: reads the records of a topic, and saves its position once all that they
led to is sent."""

from __future__ import annotations

from io import BufferedReader, BytesIO
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import msgspec

from streams.cli.import_.follow import SAVE_S, stop_at_signals
from streams.cli.shared.problems import print_error
from streams.clock import monotonic
from streams.config import Settings, load_settings
from streams.errors import UsageError
from streams.events.decode_errors import DECODER_ERRORS
from streams.files import replace_private, warn_of_readers
from streams.kafka.clients.consumer import PlainConsumer, Start
from streams.sources.cut import cut
from streams.sources.files import Problem
from streams.sources.read import ReadSummary, read_record
from streams.sources.source import Source

if TYPE_CHECKING:
    from streams.cli.import_.plan import Plan
    from streams.cli.import_.sinks import Sink
    from streams.cli.shared.problems import ProblemReport


class _TopicPosition(msgspec.Struct, frozen=True):
    """What a position file contains: the offset of the next record, by partition."""

    topic: str
    offsets: dict[int, int]


def import_topic(
    source: Source, plan: Plan, settings: Settings, sink: Sink, tally: ReadSummary, on_problem: ProblemReport
) -> None:
    """Read a topic until SIGINT or SIGTERM. After a crash, records since the last saved position are read again.

    Raises UsageError, BrokerError.
    """
    if source.framing != "rows" and source.kind != "jsonl":
        raise UsageError(f"{source.kind} can't be read from a topic, since its mails go on from record to record")
    of_topic = settings if plan.from_config is None else load_settings(plan.from_config, is_alone=True)
    with stop_at_signals() as stop:
        _TopicImport(source, plan, sink, tally, on_problem).run(of_topic, stop)


class _TopicImport:
    def __init__(self, source: Source, plan: Plan, sink: Sink, tally: ReadSummary, on_problem: ProblemReport) -> None:
        self._source, self._sink, self._tally, self._on_problem = source, sink, tally, on_problem
        self._topic, self._file = plan.from_topic or "", plan.position or Path()
        self._is_from_start = plan.from_start
        self._offsets: dict[int, int] = {}
        warn_of_readers(self._file, print_error)

    def run(self, settings: Settings, stop: Event) -> None:
        with PlainConsumer(settings, self._topic, None) as reader:
            saved = _load(self._file, self._topic)
            unsaved: Start = "beginning" if self._is_from_start else "end"
            self._offsets = reader.offsets(reader.partitions(), unsaved if saved is None else saved)
            reader.assign(self._offsets)
            self._save()
            saved_s, is_dirty = monotonic(), False
            while not stop.is_set():
                messages = [message for message in reader.poll() if message.error() is None]
                self._read(messages)
                is_dirty |= bool(messages)
                if is_dirty and monotonic() - saved_s >= SAVE_S:
                    self._save()
                    saved_s, is_dirty = monotonic(), False
            self._save()

    def _read(self, messages: list[Any]) -> None:
        for message in messages:
            self._read_value(message.value() or b"", f"{self._topic}[{message.partition()}]@{message.offset()}")
            self._offsets[message.partition()] = message.offset() + 1
        for event in self._source.finish():
            self._tally.count(event)
            self._sink.send(event)

    def _read_value(self, value: bytes, place: str) -> None:
        """A record may contain several rows, as in Event Hubs."""

        def too_long(_: int) -> None:
            self._report(Problem(place, 0, "too-long", "A row is too long."))

        self._source.begin_file(0)
        for record in cut(BufferedReader(BytesIO(value)), self._source.framing, too_long):
            for event in read_record(self._source, record.value, place, 0, self._tally, self._report):
                self._sink.send(event)

    def _save(self) -> None:
        self._sink.flush()
        try:
            replace_private(self._file, msgspec.json.encode(_TopicPosition(self._topic, self._offsets)))
        except OSError as error:
            raise UsageError(f"can't write the position to {self._file}: {error.strerror}") from error

    def _report(self, problem: Problem) -> None:
        self._tally.problems[problem.reason] += 1
        self._on_problem(problem)


def _load(path: Path, topic: str) -> dict[int, int] | None:
    """The offsets in a position file; None where there is no file. Raises UsageError."""
    try:
        position = msgspec.json.decode(path.read_bytes(), type=_TopicPosition)
    except FileNotFoundError:
        return None
    except (OSError, *DECODER_ERRORS) as error:
        raise UsageError(f"{path} is not the position in a topic ({error}): name another file, or remove it") from error
    if position.topic != topic:
        raise UsageError(f"{path} is the position in {position.topic}: name another file, or remove it")
    return position.offsets
