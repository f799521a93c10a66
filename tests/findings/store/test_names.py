"""The names of a window are merged in any order."""

from streams.findings.rules import FindingPolicy
from streams.findings.store.names import DOMAINS_KEPT, LABELS_KEPT, WindowNames
from streams.severity import Severity
from tests.findings.samples import hit


def test_adding_a_domain_returns_whether_it_changed_anything() -> None:
    names, domain = WindowNames("desk7@mod.gov.uk"), hit().mistaken_domain
    assert names.add_domain(b"army", domain)
    assert not names.add_domain(b"army", domain)
    assert names.add_domain(b"army", hit(listed=True).mistaken_domain)
    assert list(names.domains) == [b"army"]


def test_names_are_bounded() -> None:
    names, domain = WindowNames(), hit().mistaken_domain
    added = [names.add_domain(number.to_bytes(4), domain) for number in range(DOMAINS_KEPT + 1)]
    assert added == [True] * DOMAINS_KEPT + [False]
    assert names.add_domain((0).to_bytes(4), hit(listed=True).mistaken_domain)


def test_a_domain_that_mail_went_to_takes_the_place_of_another() -> None:
    names, domain = WindowNames(), hit().mistaken_domain
    counted = {number.to_bytes(4) for number in range(1, DOMAINS_KEPT + 2)}
    for number in range(DOMAINS_KEPT):
        names.add_domain(number.to_bytes(4), domain, counted)
    assert not names.add_domain((999).to_bytes(4), domain, counted)
    assert names.add_domain(DOMAINS_KEPT.to_bytes(4), domain, counted)
    assert set(names.domains) == counted - {(DOMAINS_KEPT + 1).to_bytes(4)}
    assert not names.add_domain((DOMAINS_KEPT + 1).to_bytes(4), domain, counted)


def test_labels_are_bounded_except_for_those_with_a_minimum_severity() -> None:
    names, policy = WindowNames(), FindingPolicy((), labels={"secret": Severity.HIGH})
    assert names.add_labels([f"label {number}" for number in range(LABELS_KEPT)], policy)
    assert not names.add_labels(["another", "label 1"], policy)
    assert names.add_labels(["another", "SECRET"], policy)
    assert len(names.labels) == LABELS_KEPT + 1
    assert "SECRET" in names.labels
