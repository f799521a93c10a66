"""Slips are found as workers find them, and nothing is learned of a question."""

from __future__ import annotations

from streams import clock
from streams.domains.scorer import Scorer
from streams.domains.settings import ScorerSettings
from streams.domains.watchlist.watchlist import Watchlist
from streams.gate.find_slips import FoundSlip, SlipFinder
from streams.gate.question import Question
from streams.memory.lessons import LearningPolicy
from streams.memory.memory import Memory, MemoryBounds
from streams.memory.memory_digests import MemoryDigests
from streams.metrics import Metrics
from tests.detection.samples import WATCHLIST
from tests.gate.gates import PRIVACY, START_MS, run
from tests.gate.questions import milter

METRICS = Metrics("test")


def finder(memory: Memory | None = None) -> SlipFinder:
    made = SlipFinder(PRIVACY, METRICS, memory, lambda: True)
    made.use(Scorer(WATCHLIST, ScorerSettings()))
    return made


def find(slips: SlipFinder, question: Question, seconds: float = 5) -> dict[str, FoundSlip] | None:
    found = run(slips.find(question, START_MS, clock.monotonic() + seconds))
    return None if found is None else dict(found)


def test_each_slip_has_its_certainty() -> None:
    found = find(finder(), milter(recipients=("a@army.ml", "b@Navy.ML", "c@army.mil", "d@nato.imt", "e@nat0o.int")))
    assert found is not None
    assert {domain: slip.certainty for domain, slip in found.items() if domain != "nat0o.int"} == {
        "army.ml": "listed",
        "navy.ml": "certain",
        "nato.imt": "certain",
    }


def test_what_is_no_address_has_no_verdict() -> None:
    assert find(finder(), milter(recipients=("root", "", "@", f"{'x' * 600}@army.ml"))) == {}


def test_many_recipients_are_judged_in_slices_until_the_time_is_up() -> None:
    crowd = milter(recipients=tuple(f"a{number}@army.ml" for number in range(1_000)))
    found = find(finder(), crowd)
    assert found is not None
    assert list(found) == ["army.ml"]
    assert find(finder(), crowd, seconds=0) is None


def test_a_question_teaches_the_memory_nothing() -> None:
    memory = Memory(MemoryDigests(b"key"), LearningPolicy(), MemoryBounds(1_000, 1_000))
    slips = finder(memory)
    for domain in ("army.mil", "navy.ml"):
        find(slips, milter(recipients=(f"sam@{domain}",)))
        find(slips, milter(recipients=tuple(f"sam{number}@{domain}" for number in range(100))))
    assert (memory.persons, memory.correspondents) == (0, 0)


def test_a_new_watchlist_is_used_at_once() -> None:
    slips = finder()
    slips.use(Scorer(Watchlist({"mindef.nl": None}, {}, {}, {}), ScorerSettings()))
    assert find(slips, milter()) == {}


def test_what_is_missing() -> None:
    assert SlipFinder(PRIVACY, METRICS, None, lambda: False).problem == "watchlist"
    assert finder().problem is None


def test_it_measures_what_was_scored() -> None:
    metrics = Metrics("test")
    slips = SlipFinder(PRIVACY, metrics, None, lambda: True)
    slips.measure()
    slips.use(Scorer(WATCHLIST, ScorerSettings()))
    find(slips, milter(recipients=("a@navy.ml", "b@navy.ml")))
    slips.measure()
    value = metrics.registry.get_sample_value
    assert value("straymail_domains_scored_total", {"cache": "miss"}) == 1
    assert value("straymail_domains_scored_total", {"cache": "hit"}) == 1
