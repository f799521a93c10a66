"""The scorer as a whole."""

from datetime import date
from pathlib import Path

import pytest

from streams.domains.scorer import Scorer
from streams.domains.settings import ScorerSettings
from streams.domains.watchlist import Watchlist

WATCHLIST = """\
watched: ["*.mil", army.mil, mod.gov.uk, lockheedmartin.com, nato.int]
allowed: [army.cz, chai.ml]
mistakes: {armee.ml: army.mil}
"""


@pytest.fixture(name="scorer")
def make_scorer(tmp_path: Path) -> Scorer:
    path = tmp_path / "watchlist.yaml"
    path.write_text(WATCHLIST)
    return Scorer(Watchlist.load(path, today=date(2026, 1, 1)), ScorerSettings())


@pytest.mark.parametrize("domain", ["army.mil", "us.af.mil", "mail.nato.int", "army.cz", "chai.ml", "example.org"])
def test_no_typo(scorer: Scorer, domain: str) -> None:
    assert not scorer.score(domain).typo


@pytest.mark.parametrize(
    ("domain", "intended"),
    [
        ("army.ml", "army.mil"),
        ("us.af.ml", "us.af.mil"),
        ("armee.ml", "army.mil"),
        ("lockheedmartn.com", "lockheedmartin.com"),
        ("LockheedMatrin.com.", "lockheedmartin.com"),
        ("lockheedmartin.cm", "lockheedmartin.com"),
    ],
)
def test_typo(scorer: Scorer, domain: str, intended: str) -> None:
    verdict = scorer.score(domain)
    assert verdict.typo
    assert verdict.intended == intended
    assert verdict.slip


def test_the_intended_domain_among_the_recipients_raises_the_score(scorer: Scorer) -> None:
    alone = scorer.score("us.af.ml")
    told = scorer.score_in_context(alone, sender_domain=None, recipients={"us.af.mil": {"jane"}})
    assert told.score > alone.score


def test_a_verdict_is_kept(scorer: Scorer) -> None:
    assert scorer.cached("army.ml") is scorer.cached("army.ml")
    assert scorer.cached.cache_info().hits == 1
