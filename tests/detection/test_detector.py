"""Which recipients of a mail are slips, and what is remembered of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from streams.detection.detector import Detector, LookupCounts
from streams.detection.own_mail import own_mail
from streams.detection.verdict_cache import Unknown, VerdictCache
from streams.domains.scorer import Scorer
from streams.domains.settings import ScorerSettings
from streams.domains.watchlist.file import read_watchlist
from streams.errors import ConfigurationError
from streams.events.mail import MailEvent
from streams.events.privacy import Privacy


@pytest.fixture
def detector(tmp_path: Path) -> Detector:
    path = tmp_path / "watchlist.yaml"
    path.write_text(
        "watched: ['*.mil', {domain: nato.int, group: allies}]\n"
        "allowed: [army.cz]\nmistakes: {army.ml: army.mil, natto.int: nato.int}\ngroups: {allies: {severity: high}}\n"
    )
    return Detector(
        Scorer(read_watchlist(path, today=date(2026, 1, 1)), ScorerSettings()), Privacy(b"key"), lambda: 1.0
    )


def mail(*recipients: str, sender: str = "a@mod.gov.uk", **fields: str) -> MailEvent:
    return MailEvent(id="1", time=1, sender=sender, recipients=list(recipients), **fields)  # type: ignore[arg-type]


def test_typos_and_hits(detector: Detector) -> None:
    event = mail("x@ARMY.ml", "y@army.ml.", "z@army.mil", "v@natto.int", "w@army.cz", "nobody@", "b@a..b")
    verdicts = detector.typos(event)
    assert {verdict.domain for verdict in verdicts.values()} == {"army.ml", "natto.int"}
    hits = {hit.domain: hit for hit in detector.hits(event, verdicts)}
    assert hits["army.ml"].recipients == ["x@army.ml", "y@army.ml."]
    assert (hits["army.ml"].intended, hits["army.ml"].listed, hits["army.ml"].group) == ("army.mil", True, None)
    assert (hits["natto.int"].intended, hits["natto.int"].group) == ("nato.int", "allies")


def test_each_domain_is_scored_once(detector: Detector) -> None:
    for _ in range(5):
        detector.typos(mail("x@army.ml", "y@example.org"))
    assert detector.take_counts() == LookupCounts(recipients=10, score_seconds=[0.0, 0.0])
    assert detector.take_counts() == LookupCounts()


def test_the_cache_is_bounded_and_forgets_what_was_not_asked_for() -> None:
    cache = VerdictCache(10)
    cache.keep("asked", None)
    for number in range(100):
        cache.keep(f"d{number}", None)
        if "asked" not in cache.young:
            assert cache.recall("asked") is None
    assert len(cache) <= 10
    assert cache.recall("asked") is None
    assert cache.recall("d1") is Unknown


def test_own_mail() -> None:
    is_own_mail = own_mail(["mod.gov.uk", "Defensie.nl."])
    assert is_own_mail is not None
    assert is_own_mail(mail("x@army.ml"))
    assert is_own_mail(mail("x@army.ml", sender="a@desk.defensie.nl"))
    assert not is_own_mail(mail("x@army.ml", sender="a@notmod.gov.uk"))
    assert not is_own_mail(mail("x@army.ml", sender="a@b..c"))
    assert not is_own_mail(mail("x@army.ml", direction="inbound"))
    assert own_mail([]) is None


def test_an_own_domain_that_is_none_is_told() -> None:
    with pytest.raises(ConfigurationError, match="own_domains: 'mod gov' is no domain name"):
        own_mail(["mod gov"])
