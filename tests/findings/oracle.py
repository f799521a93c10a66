"""The expected findings: a plain loop over all hits at once, which shares no code with what it checks."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from streams.events.asked import NOTHING_ASKED, AskedCounts
from streams.events.hit import TypoHit

DAY_MS = 86_400_000
MONDAY_MS = 4 * DAY_MS
WORDS = ("informational", "low", "medium", "high", "critical")


@dataclass(frozen=True)
class OracleRule:
    """A rule as the settings write it."""

    name: str
    group_by: str
    count: str
    window_ms: int
    levels: Mapping[int, str]
    hits: str


@dataclass(frozen=True)
class Expected:
    """The final state of one finding."""

    count: int
    severity: str
    peak: int
    delivered_count: int
    asked: AskedCounts = NOTHING_ASKED


DEFAULT_RULES = (
    OracleRule("sender-typo-hits", "sender", "mails", DAY_MS, {1: "low", 3: "medium", 10: "high"}, "certain"),
    OracleRule("domain-leak", "domain", "senders", 7 * DAY_MS, {2: "low", 5: "medium", 25: "high"}, "certain"),
    OracleRule("suspect-domain", "domain", "mails", 30 * DAY_MS, {1: "informational"}, "uncertain"),
)
Key = tuple[str, str, int]
"""Rule, sender or domain, start of the window."""
STAKES = {"mil": "high", "nato.int": "high", "gov.uk": "medium"}
"""The minimum severities of the default groups, by how the intended domains of the tests end."""


def finals(hits: Iterable[TypoHit], rules: Sequence[OracleRule] = DEFAULT_RULES) -> dict[Key, tuple[int, str]]:
    """(count, severity) of each finding, if no watched domain has a group and no label a minimum severity."""
    return {key: (found.count, found.severity) for key, found in expected(hits, rules, stakes=STAKES).items()}


def expected(
    hits: Iterable[TypoHit],
    rules: Sequence[OracleRule] = DEFAULT_RULES,
    labels: Mapping[str, str] | None = None,
    groups: Mapping[str, str] | None = None,
    stakes: Mapping[str, str] | None = None,
) -> dict[Key, Expected]:
    """The final state of each finding; `labels`, `groups` and `stakes`, the ends of intended domains, map to their
    minimum severities."""
    floors = {"label": labels or {}, "group": groups or {}, "stakes": stakes or {}}
    found: dict[Key, Expected] = {}
    hits = list(hits)
    for rule in rules:
        matching = [hit for hit in hits if rule.hits == "all" or hit.certain == (rule.hits == "certain")]
        by_name: defaultdict[str, list[TypoHit]] = defaultdict(list)
        for hit in matching:
            by_name[_name(rule, hit)].append(hit)
        for name, of_name in by_name.items():
            for start_ms in {_start(rule, hit) for hit in of_name}:
                finding = _finding(rule, of_name, start_ms, floors)
                if finding is not None:
                    found[rule.name, name, start_ms] = finding
    return found


@dataclass(frozen=True)
class Published:
    """What is published of a finding whose window is open."""

    count: int
    is_minimum: bool


@dataclass(frozen=True)
class Limits:
    """By how much a published count may lag: `after_ms`; after `quick` updates, where it is a minimum, `slow_ms` as
    long as it has grown by less than the share `growth`."""

    after_ms: int
    quick: int
    growth: float
    slow_ms: int


def stale(
    published: Mapping[Key, Published],
    arrivals: Sequence[tuple[int, TypoHit]],
    now_ms: int,
    limits: Limits,
    rules: Sequence[OracleRule] = DEFAULT_RULES,
) -> list[Key]:
    """The findings whose published count lags too much; `arrivals` are hits, each with the time by which it arrived."""

    def counts(wait_ms: int) -> dict[Key, int]:
        arrived = [hit for at_ms, hit in arrivals if at_ms <= now_ms - wait_ms]
        return {key: found.count for key, found in expected(arrived, rules).items()}

    soon, late = counts(limits.after_ms), counts(limits.slow_ms)
    found = []
    for key, count in soon.items():
        shown = published.get(key, Published(0, is_minimum=False))
        lags = shown.count < late.get(key, 0) or count >= (1 + limits.growth) * shown.count
        if lags if shown.is_minimum else shown.count < count:
            found.append(key)
    return found


def _name(rule: OracleRule, hit: TypoHit) -> str:
    return hit.sender if rule.group_by == "sender" else hit.domain


def _start(rule: OracleRule, hit: TypoHit) -> int:
    return (hit.time - MONDAY_MS) // rule.window_ms * rule.window_ms + MONDAY_MS


def _unit(rule: OracleRule, hit: TypoHit) -> str:
    return hit.mail if rule.count == "mails" else hit.sender


def _finding(
    rule: OracleRule, hits: list[TypoHit], start_ms: int, floors: Mapping[str, Mapping[str, str]]
) -> Expected | None:
    questions = [hit for hit in hits if hit.asked and start_ms <= hit.time < start_ms + rule.window_ms]
    hits = [hit for hit in hits if not hit.asked]
    asked = _asked(questions)
    inside = [hit for hit in hits if start_ms <= hit.time < start_ms + rule.window_ms]
    # Each part of a mail counts at its first time in the window.
    before = [hit for hit in hits if start_ms - rule.window_ms <= hit.time < start_ms]
    peak = _peak(_moments(rule, before), _moments(rule, inside), rule.window_ms)
    count, delivered = len({_unit(rule, hit) for hit in inside}), {m.mail for m in inside if m.delivery == "delivered"}
    if peak < min(rule.levels):
        is_worth_it = len({_unit(rule, hit) for hit in questions}) >= min(rule.levels)
        return Expected(count, WORDS[0], peak, len(delivered), asked) if is_worth_it else None
    taken = _accepted(inside)
    accepted = _peak(_moments(rule, _accepted(before)), _moments(rule, taken), rule.window_ms)
    worst = max((WORDS.index(word) for least, word in rule.levels.items() if accepted >= least), default=0)
    for hit in inside:
        for label in hit.labels if hit.delivery != "rejected" else ():
            worst = max(worst, WORDS.index(floors["label"].get(label, "informational")))
    for domain in {hit.domain for hit in taken}:
        groups = {hit.group or "" for hit in inside if hit.domain == domain}
        worst = max(worst, *(WORDS.index(floors["group"].get(group, "informational")) for group in groups))
        certain = {hit.intended for hit in inside if hit.domain == domain and hit.certain}
        ends = (word for end, word in floors["stakes"].items() for name in certain if f".{name}".endswith(f".{end}"))
        worst = max(worst, *map(WORDS.index, ends), 0)
    listed = {hit.domain for hit in inside if hit.listed}
    if any(hit.delivery == "delivered" and hit.domain in listed for hit in inside):
        worst = max(worst, WORDS.index("medium"))
    if _is_undelivered(inside):
        worst = WORDS.index("informational")
    return Expected(count, WORDS[worst], peak, len(delivered), asked)


def _asked(questions: list[TypoHit]) -> AskedCounts:
    """Each question once, whatever it was asked for again, with the last thing that came of it."""
    outcomes: defaultdict[str, set[str]] = defaultdict(set)
    for hit in questions:
        outcomes[hit.mail].add(hit.asked or "")
    corrected = sum("corrected" in some for some in outcomes.values())
    confirmed = sum("confirmed" in some and "corrected" not in some for some in outcomes.values())
    return AskedCounts(len(outcomes), confirmed, corrected)


def _peak(before: list[tuple[int, str]], inside: list[tuple[int, str]], window_ms: int) -> int:
    """The most distinct units in a span of a window's length that ends at a moment of `inside`."""
    moments, counts, first, most = sorted(before) + sorted(inside), Counter[str](), 0, 0
    for number, (end_ms, unit) in enumerate(moments):
        counts[unit] += 1
        while moments[first][0] <= end_ms - window_ms:
            counts[moments[first][1]] -= 1
            if not counts[moments[first][1]]:
                del counts[moments[first][1]]
            first += 1
        if number >= len(before):
            most = max(most, len(counts))
    return most


def _part(hit: TypoHit) -> tuple[str, str, str, tuple[str, ...]]:
    """Events with the same part are about the same recipients of the same mail."""
    return hit.mail, hit.sender, hit.domain, tuple(sorted(hit.recipients))


def _accepted(hits: list[TypoHit]) -> list[TypoHit]:
    """Without the mails that were refused to these recipients, as far as nothing better is known."""
    known: dict[object, set[str]] = {}
    for hit in hits:
        known.setdefault(_part(hit), set()).add(hit.delivery)
    return [hit for hit in hits if "rejected" not in known[_part(hit)] or known[_part(hit)] & {"failed", "delivered"}]


def _moments(rule: OracleRule, hits: list[TypoHit]) -> list[tuple[int, str]]:
    first: dict[object, tuple[int, str]] = {}
    for hit in hits:
        moment = (hit.time, _unit(rule, hit))
        first[_part(hit)] = min(moment, first.get(_part(hit), moment))
    return list(first.values())


def _is_undelivered(hits: list[TypoHit]) -> bool:
    known: dict[object, set[str]] = {}
    for hit in hits:
        known.setdefault(_part(hit), set()).add(hit.delivery)
    return all(statuses & {"rejected", "failed"} and "delivered" not in statuses for statuses in known.values())
