"""The scorer as a whole: kinds of slip, domains that are never typos, context, known domains."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from streams.domains.names import canonical
from streams.domains.slips.keyboards import neighbours
from streams.domains.thresholds import PlainThresholds
from streams.domains.verdict import SLIPS
from streams.errors import MalformedDomain
from tests.domains.scorers import scorer_of

WATCHED = (
    "*.mil",
    "army.mil",
    "us.af.mil",
    "mod.gov.uk",
    "state.gov",
    "nato.int",
    "lockheedmartin.com",
    "houston-ak.gov",
)
SCORER = scorer_of(*WATCHED, allowed=("army.cz", "*.gouv.ml"), mistakes={"armee.ml": "army.mil"})
NAMES = {
    "lockheedmartin": "com",
    "northropgrumman": "com",
    "raytheontechnologies": "org",
    "washingtoncounty": "gov.uk",
    "pentagon": "gov",
}
LONG = scorer_of(*(f"{label}.{suffix}" for label, suffix in NAMES.items()))


@pytest.mark.parametrize(
    ("domain", "intended", "slip"),
    [
        ("army.ml", "army.mil", "suffix-omission"),
        ("us.af.ml", "us.af.mil", "suffix-omission"),
        ("315aw.afrc.af.ml", "315aw.afrc.af.mil", "suffix-omission"),
        ("hq.aemy.ml", "hq.army.mil", "name-and-suffix"),
        ("armee.ml", "army.mil", "listed"),
        ("mail.armee.ml", "mail.army.mil", "listed"),
        ("lockheedmartn.com", "lockheedmartin.com", "omission"),
        ("LockheedMatrin.com.", "lockheedmartin.com", "transposition"),
        ("lockheedmartin.cm", "lockheedmartin.com", "suffix-omission"),
        ("lockheedmartin.xom", "lockheedmartin.com", "suffix-neighbour"),
        ("lockheedmartincom.com", "lockheedmartin.com", "missing-dot"),
        ("lockheed.martin.com", "lockheedmartin.com", "extra-dot"),
        ("lockheed-martin.com", "lockheedmartin.com", "hyphen-added"),
        ("houstonak.gov", "houston-ak.gov", "hyphen-lost"),
        ("armymil.com", "army.mil", "missing-dot"),
        ("122fwangafmil.com", "122fwang.af.mil", "missing-dot"),
        ("122fw.ang.af-mil", "122fw.ang.af.mil", "dot-to-hyphen"),
        ("army.mil.biz", "army.mil", "suffix-appended"),
        ("army.mil.co", "army.mil", "suffix-brother"),
        ("mod.gov.uk.com", "mod.gov.uk", "suffix-appended"),
        ("mod.co.uk", "mod.gov.uk", "suffix-family"),
        ("mail-lockheedmartin.com", "lockheedmartin.com", "affix"),
        ("armor.login-army.com", "armor.army.mil", "affix"),
        ("1ockheedrnartin.com", "lockheedmartin.com", "homoglyph"),
        ("lockh\N{CYRILLIC SMALL LETTER IE}edmartin.com", "lockheedmartin.com", "homoglyph"),
        ("lovkheedmsrtin.com", "lockheedmartin.com", "two-slips"),
        ("sta5ee.gov", "state.gov", "two-slips"),
        ("nqti.int", "nato.int", "two-slips"),
    ],
)
def test_the_intended_domain_and_the_slip(domain: str, intended: str, slip: str) -> None:
    verdict = SCORER.score(domain)
    assert (verdict.intended, verdict.slip) == (intended, slip)
    assert slip in SLIPS
    assert verdict.explanation.startswith(f"{verdict.domain}: ")


@pytest.mark.parametrize("domain", ["army.ml", "hq.aemy.ml", "lockheedmartn.com", "lockheedmartin.xom", "armymil.com"])
def test_typos(domain: str) -> None:
    assert SCORER.score(domain).typo


@pytest.mark.parametrize(
    "domain",
    [
        "army.mil",
        "any.name.mil",
        "mail.nato.int",
        "army.cz",
        "mail.army.cz",
        "justice.gouv.ml",
        "example.org",
        "ice.com",
    ],
)
def test_no_typos(domain: str) -> None:
    assert not SCORER.score(domain).typo


@pytest.mark.parametrize(
    ("watched", "typed", "other"),
    [
        ("willowfarm.com", "wilolwfarm.com", "wfillowarm.com"),  # a letter that came too early
        ("barroo.fr", "barrro.fr", "bamroo.fr"),  # the letter beside was doubled
        ("barroo.com", "barroo.c", "barroo.lan"),  # what is left of a suffix, and a suffix of a house
    ],
)
def test_a_slip_that_people_make_counts_for_more_than_another_of_its_length(
    watched: str, typed: str, other: str
) -> None:
    scorer = scorer_of(watched)
    assert scorer.score(typed).score > scorer.score(other).score


def test_explanations() -> None:
    assert (
        SCORER.score("army.ml").explanation == "army.ml: the suffix .mil lost its i; every name under .mil is watched"
    )
    explanation = SCORER.score("lockheedmartin.cm").explanation
    assert explanation == "lockheedmartin.cm: the suffix .com lost its o; 1 watched domain ends in .com"
    explanation = SCORER.score("mod.gov.uk.com").explanation
    assert explanation == "mod.gov.uk.com: the suffix .com follows the whole name; 1 watched domain ends in .gov.uk"


WITHOUT_LIST = PlainThresholds(well_known=False)


@pytest.mark.parametrize(
    ("watched", "domain"),
    [("vice.com", "ice.com"), ("bing.com", "ring.com"), ("amd.com", "adm.com")],
)
def test_a_well_known_name_scores_lower_and_is_called_so(watched: str, domain: str) -> None:
    verdict, without = scorer_of(watched).score(domain), scorer_of(watched, policy=WITHOUT_LIST).score(domain)
    assert 0 < verdict.score < without.score
    assert not verdict.typo
    assert verdict.explanation == f"{without.explanation}; it is a well-known domain"


@pytest.mark.parametrize(
    ("watched", "domain"),
    [
        ("gmail.com", "gmial.com"),  # looked up by many, and by mistake
        ("army.mil", "army.mil.com"),
        ("army.com", "army.com.com"),  # com.com is well known, and it isn't what was typed
        ("mail.mit.edu", "mial.mit.edu"),  # both are names of mit.edu
        ("apple.com", "\N{CYRILLIC SMALL LETTER A}pple.com"),  # reads like a well-known name
    ],
)
def test_a_slip_beside_a_well_known_name_is_not_one(watched: str, domain: str) -> None:
    assert scorer_of(watched).score(domain) == scorer_of(watched, policy=WITHOUT_LIST).score(domain)


def test_a_well_known_name_can_still_be_a_slip() -> None:
    scorer, both = scorer_of("vice.com"), {"vice.com": {"jane"}, "ice.com": {"jane"}}
    assert scorer.score_in_context(scorer.score("ice.com"), sender_domain="vice.com", recipients=both).typo
    assert scorer_of("vice.com", mistakes={"ice.com": "vice.com"}).score("ice.com").certain


def test_context_raises_the_score_and_is_named() -> None:
    alone = SCORER.score("state.gov.pl")
    raised = SCORER.score_in_context(
        alone, sender_domain="state.gov", recipients={"state.gov": {"jane"}, "state.gov.pl": {"jane"}}
    )
    assert raised.score > alone.score
    assert "state.gov is among the recipients too" in raised.explanation
    assert "the same name before the @" in raised.explanation
    assert "the sender's own domain" in raised.explanation
    assert SCORER.score_in_context(alone, sender_domain="nato.int", recipients={}) is alone


@given(st.floats(min_value=0.001, max_value=0.999), st.booleans(), st.sampled_from(["state.gov.pl", "sttate.gov"]))
def test_a_possible_typo_is_what_the_fullest_context_makes_a_typo(typo: float, context: bool, domain: str) -> None:
    scorer = scorer_of("state.gov", policy=PlainThresholds(typo=typo, context=context))
    verdict = scorer.score(domain)
    recipients = {"state.gov": {"jane"}, domain: {"jane"}}
    raised = scorer.score_in_context(verdict, sender_domain="state.gov", recipients=recipients)
    assert scorer.possible_typo(domain) == (verdict if raised.typo else None)


def test_a_listed_mistake_is_nearer_than_a_wildcard_and_not_nearer_than_a_name_under_it() -> None:
    scorer = scorer_of("*.mil", "hq.army.mil", mistakes={"armmy.mil": "army.mil", "army.mil": "navy.mil"})
    assert scorer.score("x.armmy.mil").intended == "x.army.mil"
    assert scorer.score("army.mil").slip == "listed"
    assert not scorer.score("hq.army.mil").typo
    assert not scorer.score("navy.mil").typo


@pytest.mark.parametrize("typed", ["\u0430rmymil.com", "\u0430rmy-mail.com", "lockheedm\u0430rtin.co"])
def test_look_alikes_with_another_slip_are_found_whatever_else_is_watched(typed: str) -> None:
    verdict = scorer_of("army.mil", "lockheedmartin.com", "caida.net", "redcross.org").score(typed)
    assert verdict.typo
    assert "it has letters beyond a to z" in verdict.explanation


@pytest.mark.parametrize("typed", ["hq.한.ml", "한.ml", "ml", "日本army.ml"])
def test_a_name_without_an_ascii_reading_is_no_slip_for_an_empty_name(typed: str) -> None:
    assert scorer_of("*.mil", "gov.uk").score(typed).intended is None


@pytest.mark.parametrize(
    "typed",
    [
        "klinik-münchn.de",
        "klinik-munchen.de",
        "klinik-münchen.d",
        "klinikmünchen.de",
        "klinik-mnuchen.de",
    ],
)
def test_slips_for_a_watched_name_with_marks_are_found(typed: str) -> None:
    scorer = scorer_of(canonical("klinik-münchen.de"), "nato.int")
    verdict = scorer.score(f"mail.{typed}")
    assert verdict.typo
    assert verdict.intended == f"mail.{canonical('klinik-münchen.de')}"
    assert not scorer.score("mail.klinik-münchen.de").typo


def test_where_both_spellings_are_watched_each_has_its_own_slips() -> None:
    scorer = scorer_of(canonical("münchen.de"), "munchen.de")
    assert scorer.score("munchenn.de").intended == "munchen.de"
    assert scorer.score("münchenn.de").typo
    assert not scorer.score("munchen.de").typo


def test_a_watched_name_of_other_letters_is_found_under_another_suffix() -> None:
    watched = canonical("пример.рф")
    scorer = scorer_of(watched, "nato.int")
    assert scorer.score("пример.com").intended == watched
    assert scorer.score("пример.com").slip == "suffix-swap"
    assert scorer.score("другой.com").intended is None


def test_a_watched_public_suffix_stands_for_the_names_under_it() -> None:
    scorer = scorer_of("nhs.uk", "gov.uk")
    assert scorer.score("trust.nhss.uk").intended == "trust.nhs.uk"
    assert scorer.score("nhsuk.com").intended is None
    assert not scorer.score("trust.nhs.uk").typo


def test_a_listed_mistake_is_a_possible_typo_and_a_watched_or_allowed_domain_is_none() -> None:
    listed = SCORER.score("armee.ml")
    assert (listed.slip, SCORER.possible_typo("armee.ml")) == ("listed", listed)
    for domain in ("army.mil", "sub.army.mil", "army.cz", "nothing-like-it.example"):
        assert SCORER.possible_typo(domain) is None
    with pytest.raises(MalformedDomain):
        SCORER.possible_typo("a..b")


def test_context_can_be_turned_off() -> None:
    scorer = scorer_of("state.gov", policy=PlainThresholds(context=False))
    alone = scorer.score("state.gov.pl")
    assert scorer.score_in_context(alone, sender_domain=None, recipients={"state.gov": {"jane"}}) is alone


def test_a_known_domain_scores_lower(tmp_path: Path) -> None:
    known = tmp_path / "known.csv"
    known.write_text("1,army.ml\n2,example.org\n")
    scorer = scorer_of(*WATCHED, policy=PlainThresholds(known=known))
    verdict = scorer.score("army.ml")
    assert verdict.score < SCORER.score("army.ml").score
    assert "it is a known domain" in verdict.explanation


@given(st.text() | st.from_regex(r"[a-z0-9.@-]{1,40}", fullmatch=True))
def test_any_text_has_a_verdict_or_a_clear_error(text: str) -> None:
    try:
        verdict = SCORER.score(text)
    except MalformedDomain:
        return
    assert 0 <= verdict.score <= 1
    assert (verdict.slip is None) == (verdict.intended is None)
    assert verdict.certain <= verdict.typo == (verdict.score >= SCORER.settings.typo)


@given(st.sampled_from(("navy.mil", *WATCHED[1:])), st.from_regex(r"([a-z0-9]{1,8}\.){0,2}", fullmatch=True))
def test_a_watched_domain_and_the_names_under_it_are_never_typos(domain: str, sub: str) -> None:
    assert SCORER.score(sub + domain).score == 0


@given(st.sampled_from(["army.cz", "x.gouv.ml"]), st.from_regex(r"([a-z0-9]{1,8}\.){0,2}", fullmatch=True))
def test_an_allowed_domain_and_the_names_under_it_are_never_typos(domain: str, sub: str) -> None:
    assert not SCORER.score(sub + domain).typo


def slip_of(label: str, at: int, key: str, how: str) -> str:
    """A label with one typing mistake at the letter with index `at`; `key` is a neighbour of that letter."""
    before, letter, after = label[:at], label[at], label[at + 1 :]
    return {
        "lose": before + after,
        "double": before + letter + letter + after,
        "swap": before + after[:1] + letter + after[1:],
        "hit the next key": before + key + after,
        "hit the next key too": before + letter + key + after,
    }[how]


@st.composite
def slips(draw: st.DrawFn, labels: st.SearchStrategy[str]) -> tuple[str, str]:
    """A label, and the same with one typing mistake."""
    label = draw(labels)
    at = draw(st.integers(0, len(label) - 1))
    key = draw(st.sampled_from(sorted(neighbours()[label[at]] - {"-"})))
    how = draw(st.sampled_from(["lose", "double", "swap", "hit the next key", "hit the next key too"]))
    typed = slip_of(label, at, key, how)
    assume(typed != label)
    return label, typed


@given(slips(st.sampled_from(sorted(NAMES))))
def test_a_typing_mistake_in_a_long_name_is_always_found(slip: tuple[str, str]) -> None:
    label, typed = slip
    verdict = LONG.score(f"{typed}.{NAMES[label]}")
    assert (verdict.typo, verdict.intended) == (True, f"{label}.{NAMES[label]}")


@given(slips(st.from_regex(r"[a-z]{8,20}", fullmatch=True)), st.sampled_from(["com", "org", "gov", "gov.uk", "de"]))
def test_a_typing_mistake_in_any_name_of_eight_letters_is_always_found(slip: tuple[str, str], suffix: str) -> None:
    label, typed = slip
    verdict = scorer_of(f"{label}.{suffix}", "army.mil").score(f"{typed}.{suffix}")
    assert (verdict.typo, verdict.intended) == (True, f"{label}.{suffix}")


@given(
    st.sampled_from(["army.ml", "lockheedmartn.com", "st\N{LATIN SMALL LETTER A WITH ACUTE}te.gov", "nobody.org"])
    | st.builds(
        "{}.{}".format,
        st.text("armylockheed\N{LATIN SMALL LETTER E WITH ACUTE}\N{CYRILLIC SMALL LETTER A}", min_size=1, max_size=12),
        st.sampled_from(["ml", "mil", "com", "gov.uk"]),
    )
)
def test_the_spelling_of_a_name_never_changes_the_verdict(domain: str) -> None:
    verdict = SCORER.score(domain)
    for spelling in (domain.upper(), domain.title(), f"{domain}.", f"jane@{domain}", verdict.domain):
        assert SCORER.score(spelling) == verdict


def test_a_scorer_scores_by_its_own_watchlist() -> None:
    assert scorer_of("navy.mil").score("army.ml").intended is None
