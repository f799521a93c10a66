"""The difference between two domains marks the letters that differ."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from streams.domains.diff import compare

NAMES = st.text(alphabet="abcdem.-il", max_size=24)


def written(typed: str, meant: str) -> str:
    """The typed domain as one string: +extra+, ~wrong~, <swapped>, _ where letters are lost."""
    signs = {"same": "{}", "extra": "+{}+", "wrong": "~{}~", "swapped": "<{}>", "lost": "_"}
    return "".join(signs[piece.kind].format(piece.text) for piece in compare(typed, meant).typed)


@pytest.mark.parametrize(
    ("typed", "meant", "marked"),
    [
        ("army.ml", "army.mil", "army.m_l"),
        ("mail.ml", "mail.mil", "mail.m_l"),
        ("amry.mil", "army.mil", "a<mr>y.mil"),
        ("nato.itn", "nato.int", "nato.i<tn>"),
        ("satte.gov", "state.gov", "s<at>te.gov"),
        ("defensei.nl", "defensie.nl", "defens<ei>.nl"),
        ("mod.govuk", "mod.gov.uk", "mod.gov_uk"),
        ("nat0.int", "nato.int", "nat~0~.int"),
        ("army.mil.co", "army.mil", "army.mil+.co+"),
        ("armyy.mil", "army.mil", "army+y+.mil"),
        ("modgov.u", "mod.gov.uk", "mod_gov.u_"),
        ("a.mil", "army.mil", "a_.mil"),
        ("army.mil", "army.mil", "army.mil"),
        ("shape.nato.ing", "nato.int", "shape.nato.in~g~"),
        ("a.b.af.ml", "af.mil", "a.b.af.m_l"),
        ("cd.aid.gov", "cdaid.gov", "cd+.+aid.gov"),
        ("", "a", "_"),
        ("", "", ""),
    ],
)
def test_marks(typed: str, meant: str, marked: str) -> None:
    assert written(typed, meant) == marked


@given(NAMES, NAMES)
def test_no_letter_is_lost_or_moved(typed: str, meant: str) -> None:
    comparison = compare(typed, meant)
    assert "".join(piece.text for piece in comparison.typed) == typed
    assert "".join(piece.text for piece in comparison.meant) == meant


@given(NAMES, st.data())
def test_one_swap_is_marked_as_one(meant: str, data: st.DataObject) -> None:
    assume(len(meant) >= 2)
    place = data.draw(st.integers(0, len(meant) - 2))
    assume(meant[place] != meant[place + 1])
    typed = meant[:place] + meant[place + 1] + meant[place] + meant[place + 2 :]
    assert [piece.text for piece in compare(typed, meant).typed if piece.kind != "same"] == [typed[place : place + 2]]
    assert [piece.kind for piece in compare(typed, meant).meant if piece.kind != "same"] == ["swapped"]


def test_overlong_names_are_cut() -> None:
    assert len("".join(piece.text for piece in compare("a" * 100_000, "b" * 100_000).typed)) == 253
