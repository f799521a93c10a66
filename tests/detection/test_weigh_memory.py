from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.detection.recall import Recalled
from streams.detection.weigh_memory import weigh_memory, words
from streams.domains.thresholds import PlainThresholds
from streams.domains.verdict import SLIPS, Verdict
from streams.events.privacy import Privacy
from streams.events.remembered import Remembered

LIMITS = PlainThresholds()
ESTABLISHED = Remembered(90, days_out=12, days_in=12, established=True)
ROSS = "M.Ross@corp.example"
WHOLE = Privacy(b"k")


def verdict(score: float, slip: str = "omission") -> Verdict:
    typo, certain = score >= LIMITS.typo, score >= LIMITS.certain
    return Verdict("army.ml", score, typo, certain, "army.mil", slip, "army.ml: the suffix .mil lost its i")


def weighed(score: float, facts: Remembered, slip: str = "omission", lowest: float | None = LIMITS.typo) -> Verdict:
    return weigh_memory(verdict(score, slip), Recalled(facts, "j.smith"), LIMITS, lowest=lowest)


def test_the_same_person_makes_a_doubtful_slip_certain() -> None:
    by_sender, by_colleague = (weighed(0.3, Remembered(9, who)) for who in ("sender", "colleague"))
    assert by_sender.score > by_colleague.score
    assert by_colleague.certain
    assert not weighed(0.3, Remembered(9)).typo


@pytest.mark.parametrize("slip", ["affix", "hyphenated-affix"])
def test_the_same_person_at_another_kind_of_name_proves_nothing(slip: str) -> None:
    assert weighed(0.6, Remembered(9, "sender"), slip).score == 0.6


def test_two_keystrokes_are_raised_less_than_one() -> None:
    assert 0.3 < weighed(0.3, Remembered(9, "sender"), "two-slips").score < weighed(0.3, Remembered(9, "sender")).score


def test_an_established_correspondent_is_doubtful_at_most() -> None:
    lowered = weighed(0.99, ESTABLISHED)
    assert (lowered.typo, lowered.certain) == (True, False)
    assert weighed(0.6, ESTABLISHED).typo


@pytest.mark.parametrize(
    ("slip", "facts", "lowest"),
    [
        ("suffix-omission", ESTABLISHED, LIMITS.typo),
        ("omission", ESTABLISHED, None),
        ("omission", Remembered(90, "colleague", days_out=12, days_in=12, established=True), LIMITS.typo),
    ],
)
def test_a_suffix_slip_a_floor_and_the_same_person_are_never_lowered(
    slip: str, facts: Remembered, lowest: float | None
) -> None:
    assert weighed(0.99, facts, slip, lowest).score >= 0.99


def test_a_listed_mistake_stays() -> None:
    assert weighed(1.0, ESTABLISHED, "listed").certain


def test_mail_in_one_direction_changes_no_score() -> None:
    for facts in (Remembered(400, days_out=400), Remembered(400, days_in=400, wrote_first=True)):
        assert weighed(0.95, facts).score == 0.95


def test_the_same_person_at_a_renamed_domain_makes_nothing_certain() -> None:
    renamed = Remembered(90, "sender", days_out=3, days_in=3, renamed=True)
    assert (weighed(0.3, renamed).typo, weighed(0.3, renamed).certain) == (True, False)
    assert weighed(0.95, renamed).score == 0.95


@given(
    st.floats(0, 1),
    st.sampled_from(SLIPS),
    st.builds(
        Remembered,
        st.integers(0, 400),
        st.sampled_from([None, "sender", "colleague"]),
        days_in=st.integers(0, 9),
        established=st.booleans(),
        renamed=st.booleans(),
    ),
)
def test_nothing_that_is_known_hides_a_typo(score: float, slip: str, facts: Remembered) -> None:
    before = verdict(score, slip)
    recalled = Recalled(facts, None, is_stranger=facts.known_to is None)
    after = weigh_memory(before, recalled, LIMITS, lowest=LIMITS.typo)
    assert after.typo >= before.typo
    assert (after.typo, after.certain) == (after.score >= LIMITS.typo, after.score >= LIMITS.certain)


def test_a_name_that_nobody_is_known_by_makes_a_slip_of_the_name_doubtful() -> None:
    stranger = Recalled(Remembered(90), None, is_stranger=True)
    for score, slip, lowest, is_certain in (
        (0.95, "omission", LIMITS.typo, False),
        (0.999, "omission", LIMITS.typo, True),
        (0.95, "suffix-omission", LIMITS.typo, True),
        (0.95, "omission", None, True),
        (1.0, "listed", LIMITS.typo, True),
    ):
        judged = weigh_memory(verdict(score, slip), stranger, LIMITS, lowest=lowest)
        assert (judged.typo, judged.certain) == (True, is_certain), slip
    assert weigh_memory(verdict(0.51), stranger, LIMITS, lowest=LIMITS.typo).score == LIMITS.typo
    assert weigh_memory(verdict(0.3), stranger, LIMITS, lowest=LIMITS.typo).score == 0.3
    assert "; ".join(words(verdict(0.95), stranger, ROSS, WHOLE)).startswith("nobody of this name is known at army.mil")


def said(facts: Remembered, person: str | None = None, privacy: Privacy = WHOLE) -> str:
    return "; ".join(words(verdict(0.9), Recalled(facts, person), ROSS, privacy))


def test_words_speak_of_days() -> None:
    known = said(Remembered(90, "sender", 12), "j.smith")
    assert known == (
        "m.ross@corp.example has written to j.smith@army.mil, with mail on 12 days; "
        "nobody at army.ml has written to you in 90 days of memory"
    )
    colleagues = said(Remembered(9, "colleague", 1), "j.smith")
    assert colleagues == "j.smith@army.mil is known to colleagues, with mail on 1 day"
    assert "out on 12 days, in on 12 days" in said(ESTABLISHED)
    assert "army.ml wrote first" in said(Remembered(90, days_in=4, wrote_first=True))
    assert "renamed" in said(Remembered(90, days_in=4, renamed=True))
    assert said(Remembered(29)) == ""


@pytest.mark.parametrize("mask", ["hmac", "domain"])
def test_words_name_nobody_whose_address_is_masked(mask: str) -> None:
    privacy = Privacy(b"k", "hmac", mask)  # type: ignore[arg-type]
    text = said(Remembered(9, "sender", 2), "j.smith", privacy)
    assert text == "this sender has written to the same name at army.mil, with mail on 2 days"
