"""What counting, evaluating and dropping share of one partition's running state."""

from collections import Counter
from dataclasses import dataclass, field

from streams.findings.freshness import Freshness
from streams.findings.log.records import UNCHECKED, CheckRecord
from streams.findings.rules import FindingPolicy, Rule
from streams.findings.store.agenda import Agenda
from streams.findings.store.digests import Digests
from streams.findings.store.source_offsets import SourceOffsets
from streams.findings.store.window_store import WindowStore
from streams.findings.watermark import Watermark


@dataclass(slots=True)
class CountContext:
    """One partition's rules, windows and watermark.

    `rules` are by digest. `late_windows` gives the open late window by the key of its regular window. `finals` has the
    windows by the time at which they become final. `open_findings` counts, by rule, the published findings that are
    neither final nor withdrawn, and `published` the windows that have a finding. `freshness` has those that have grown
    since their last alert. The state has every effect of the hits up to `accounted_offset`, which came from mail.events
    up to `sources`. `check` is the check record as written last. `first_sequence` is the least sequence of an alert
    that is published from now on.
    """

    policy: FindingPolicy
    digests: Digests
    rules: dict[bytes, Rule]
    windows: WindowStore
    watermark: Watermark
    first_sequence: int = 1
    accounted_offset: int = -1
    check: CheckRecord = UNCHECKED
    sources: SourceOffsets = field(default_factory=SourceOffsets)
    late_windows: dict[bytes, bytes] = field(default_factory=dict)
    finals: Agenda = field(default_factory=Agenda)
    open_findings: Counter[str] = field(default_factory=Counter)
    freshness: Freshness = field(default_factory=Freshness)
    published: int = 0
