"""Linting watchlists."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from streams.backtest.watchlist_lint import remarks
from streams.domains.settings import ScorerSettings
from streams.domains.watchlist.file import read_watchlist
from streams.domains.watchlist.watchlist import Watchlist

TODAY = date(2026, 7, 1)


def load(folder: Path, text: str) -> Watchlist:
    path = folder / "watchlist.yaml"
    path.write_text(text)
    return read_watchlist(path, today=TODAY)


@pytest.mark.parametrize(
    ("text", "entry", "what"),
    [
        ("watched: ['*.mil', '*.ng.mil']", "*.ng.mil", "*.mil covers it already"),
        ("watched: [army.mil, mail.army.mil]", "mail.army.mil", "army.mil covers it already"),
        ("watched: [gov.uk]", "gov.uk", "it is a public suffix, not somebody's domain"),
        ("watched: [army.mil, army.ml]", "army.ml", "it may be a slip for army.mil, which is watched too"),
        ("watched: ['*.mil']\nallowed: [army.mil]", "army.mil", "it is watched, so it is never a typo anyway"),
        ("watched: ['*.mil']\nallowed: [army.cz]", "army.cz", "it has neither a `reason` nor an `until`"),
        (
            "watched: ['*.mil']\nallowed: [{domain: army.cz, until: 2026-06-30}]",
            "army.cz",
            "it is no longer allowed: its last day was 2026-06-30",
        ),
        (
            "watched: ['*.mil']\nallowed: [{domain: army.cz, until: 2026-07-05}]",
            "army.cz",
            "it is allowed only until 2026-07-05",
        ),
        (
            "watched: ['*.mil']\nallowed: [{domain: army.ml, reason: x}]\nmistakes: {army.ml: army.mil}",
            "army.ml",
            "it is also a mistake, over which `allowed` takes precedence",
        ),
        (
            "watched: ['*.mil']\nmistakes: {nato.imt: nato.int}",
            "nato.imt",
            "it is a mistake for nato.int, which is not watched",
        ),
        ("watched: ['*.mil']\ngroups: {allies: {severity: high}}", "allies", "no watched entry is in this group"),
    ],
)
def test_lint(tmp_path: Path, text: str, entry: str, what: str) -> None:
    found = list(remarks(load(tmp_path, text), ScorerSettings(), TODAY))
    assert (entry, what) in [(remark.entry, remark.what) for remark in found]
    assert all(remark.remedy for remark in found)


def test_a_sound_watchlist_has_no_remark(tmp_path: Path) -> None:
    text = (
        "watched: ['*.mil', army.mil, {domain: nato.int, group: allies}]\n"
        "allowed: [{domain: army.cz, reason: Czech army}]\n"
        "mistakes: {army.ml: army.mil}\ngroups: {allies: {severity: high}}"
    )
    assert list(remarks(load(tmp_path, text), ScorerSettings(), TODAY)) == []
