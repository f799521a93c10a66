"""The detector: which recipients of a mail are slips."""

from __future__ import annotations

from streams.detection.detector import DOMAINS_PER_EVENT, LookupCounts
from tests.detection.samples import detector_of_sample, mail
from tests.domains.scorers import scorer_of


def test_typos_and_hits() -> None:
    detector = detector_of_sample()
    event = mail("x@ARMY.ml", "y@army.ml.", "z@army.mil", "v@natto.int", "w@army.cz", "nobody@", "b@a..b")
    typos = detector.typos(event)
    assert {typo.verdict.domain for typo in typos.values()} == {"army.ml", "natto.int"}
    hits = {hit.domain: hit for hit in detector.hits(event, typos)}
    assert hits["army.ml"].recipients == ["x@army.ml", "y@army.ml."]
    assert (hits["army.ml"].intended, hits["army.ml"].listed, hits["army.ml"].group) == ("army.mil", True, None)
    assert (hits["natto.int"].intended, hits["natto.int"].group) == ("nato.int", "allies")


def test_each_domain_is_scored_once() -> None:
    detector = detector_of_sample()
    for _ in range(5):
        detector.typos(mail("x@army.ml", "y@example.org"))
    assert detector.take_counts() == LookupCounts(recipients=10, not_cached=2, score_seconds=[0.0, 0.0])
    assert detector.take_counts() == LookupCounts()


def test_a_new_scorer_starts_with_an_empty_cache() -> None:
    detector = detector_of_sample()
    assert set(detector.typos(mail("x@army.ml"))) == {"army.ml"}
    detector.use(scorer_of("navy.mil"))
    assert detector.typos(mail("x@army.ml")) == {}
    assert set(detector.typos(mail("x@navy.ml"))) == {"navy.ml"}
    assert set(detector.watchlist.watched) == {"navy.mil"}


def test_recipients_without_a_domain_name_are_counted() -> None:
    detector = detector_of_sample()
    for _ in range(2):
        assert detector.typos(mail("a@[192.0.2.1]", "b@ar my.ml", "c@army.mil")) == {}
    assert detector.take_counts().not_domains == 4
    assert detector.take_counts().not_domains == 0


def test_an_event_has_at_most_a_hundred_hits_those_of_the_surest_domains_the_same_at_each_repeat() -> None:
    detector = detector_of_sample()
    recipients = ["x@anto.int", *(f"x@d{number:03}.army.ml" for number in range(DOMAINS_PER_EVENT + 49))]
    event, turned = mail(*recipients), mail(*recipients[::-1])
    hits = detector.hits(event, detector.typos(event))
    assert len(hits) == DOMAINS_PER_EVENT
    assert {hit.domains_over_limit for hit in hits} == {50}
    assert {hit.listed for hit in hits} == {True}, "a listed mistake is the surest"
    assert [hit.id for hit in detector.hits(turned, detector.typos(turned))] == [hit.id for hit in hits]
    assert detector.take_counts().domains_over_limit == 100
