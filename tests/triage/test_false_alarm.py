"""The lines that a false alarm offers, and what they would change."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from streams.domains.thresholds import PlainThresholds
from streams.domains.watchlist.file import read_watchlist
from streams.domains.watchlist.watchlist import Allowed, Watchlist
from streams.triage.false_alarm import Judging, allowed_line, line_effects, until_day
from tests.cli.finding import START_MS
from tests.console.samples import hit

JUDGING = Judging(Watchlist({"*.mil": None, "intel.com": None}, {}, {}, {}), PlainThresholds())


@pytest.mark.parametrize(
    "entry",
    [
        Allowed("army.ml"),
        Allowed("army.ml", 'our "friends": {all} of them #1', "a.khan@mod.gov.uk", date(2027, 6, 30)),
        Allowed("xn--rmy-5cd.ml", "Ünal's - printing", "müller", date(2027, 6, 30)),
    ],
)
def test_the_line_is_read_as_the_entry(tmp_path: Path, entry: Allowed) -> None:
    path = tmp_path / "watchlist.yaml"
    path.write_text(f"watched: ['*.mil']\nallowed:\n{allowed_line(entry)}\n", encoding="utf-8")
    assert read_watchlist(path, today=date(2026, 7, 1)).allowed == {entry.domain: entry}


def test_both_lines_are_judged_on_the_mail_to_the_domain_alone() -> None:
    hits = [
        *(hit(str(number), sender=f"{number}@mod.gov.uk") for number in range(3)),
        hit("4", domain="mail.army.ml", recipients=["x@mail.army.ml"]),
        hit("5", domain="navy.ml", recipients=["x@navy.ml"]),
        hit("6", time=START_MS - 1),
    ]
    effects = line_effects("army.ml", hits, JUDGING, since_ms=START_MS)
    assert effects.mails == 4
    lost = {each.domain: (each.change, each.mails, len(each.senders)) for each in effects.allowed}
    assert lost == {"army.ml": ("lost", 3, 3), "mail.army.ml": ("lost", 1, 1)}
    assert {each.domain for each in effects.known} <= lost.keys()


def test_a_known_domain_scores_lower_and_an_allowed_one_not_at_all() -> None:
    effects = line_effects(
        "intell.com", [hit("1", domain="intell.com", recipients=["x@intell.com"])], JUDGING, since_ms=0
    )
    assert [each.change for each in effects.allowed] == ["lost"]
    assert [each.change for each in effects.known] in (["changed"], ["lost"])


def test_the_line_ends_after_a_year() -> None:
    assert until_day(date(2026, 11, 29)) == date(2027, 11, 29)
