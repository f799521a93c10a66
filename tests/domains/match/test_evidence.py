"""The named evidence for and against a candidate."""

import pytest

from streams.domains.match.candidate import Candidate
from streams.domains.match.evidence import LENGTHS, Ambiguity, edit_group_of, form_evidence, form_of, label_evidence
from streams.domains.match.model import shipped_model
from streams.domains.verdict import SLIPS

NONE = Ambiguity(under_suffix=1, in_all=1, suffixes=1, rivals=0, wild=False, only_known=False)
TRIGRAMS = shipped_model().trigrams


def names(candidate: Candidate, ambiguity: Ambiguity = NONE) -> set[str]:
    evidence = [
        *form_evidence(form_of(candidate, ambiguity)),
        *label_evidence(candidate, ambiguity, TRIGRAMS),
    ]
    found = [name for name, _ in evidence]
    assert len(found) == len(set(found)), "each has its name once"
    return set(found)


@pytest.mark.parametrize(
    ("edit", "group"),
    [
        ("omission", "one"),
        ("transposition", "one"),
        ("exact", "exact"),
        ("two-slips", "two"),
        ("homoglyph", "look"),
        ("wildcard", "wild"),
        ("affix", "affix"),
        ("hyphenated-affix", "hyphen-affix"),
        ("missing-dot", "dots"),
        ("moved-dot", "dots"),
    ],
)
def test_the_group_of_an_edit(edit: str, group: str) -> None:
    assert edit_group_of(edit) == group


ARMY = Candidate("omission", "same", "amy", "army", "com", "com", "")


@pytest.mark.parametrize(
    ("candidate", "ambiguity", "name", "absent"),
    [
        (ARMY, NONE, "in the middle", "at the start"),
        (ARMY._replace(typed="rmy"), NONE, "at the start", "in the middle"),
        (ARMY._replace(typed="arm"), NONE, "at the end", "in the middle"),
        (ARMY._replace(sub="hq"), NONE, "one, sub-domain", "one, digit"),
        (ARMY._replace(typed="arm1"), NONE, "one, digit", "one, sub-domain"),
        (ARMY, NONE._replace(rivals=2), "one, rivals", "one, only known"),
        (ARMY, NONE._replace(only_known=True), "one, only known", "one, rivals"),
        (ARMY, NONE._replace(suffixes=3), "one, watched under several suffixes", "one, rivals"),
        (ARMY._replace(edit="two-slips"), NONE, "two, typed bits", "in the middle"),
        (ARMY._replace(edit="exact", suffix_edit="suffix-omission"), NONE, "exact, suffix-omission", "in the middle"),
    ],
)
def test_what_speaks_for_or_against(candidate: Candidate, ambiguity: Ambiguity, name: str, absent: str) -> None:
    found = names(candidate, ambiguity)
    assert name in found
    assert absent not in found


@pytest.mark.parametrize("length", [*LENGTHS, 40])
def test_a_label_has_the_evidence_of_every_limit_that_it_keeps(length: int) -> None:
    found = names(ARMY._replace(label="a" * length, typed="a" * length + "b"))
    assert {f"one, up to {limit} letters" for limit in LENGTHS if length <= limit} == {
        name for name in found if name.startswith("one, up to ")
    }


def test_every_edit_has_a_weight_of_its_own() -> None:
    edits = [slip for slip in SLIPS if not slip.startswith("suffix-") and slip not in ("listed", "name-and-suffix")]
    weights = shipped_model().weights
    assert [edit for edit in edits if f"way {edit}" not in weights] == []
