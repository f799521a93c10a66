"""What counting, evaluating and dropping share of one partition's running state."""

from collections import Counter
from dataclasses import dataclass, field

from streams.findings.rules import FindingPolicy, Rule
from streams.findings.store.agenda import Agenda
from streams.findings.store.digests import Digests
from streams.findings.store.window_store import WindowStore
from streams.findings.watermark import Watermark


@dataclass(slots=True)
class CountContext:
    """`rules` by digest; `late` gives the late slot that is open for a window's slot key; `finals` are the slots by
    the time
    at which they become final; `open` counts the findings that are neither final nor withdrawn, by rule."""

    policy: FindingPolicy
    digests: Digests
    rules: dict[bytes, Rule]
    slots: WindowStore
    watermark: Watermark
    late: dict[bytes, bytes] = field(default_factory=dict)
    finals: Agenda = field(default_factory=Agenda)
    open: Counter[str] = field(default_factory=Counter)
