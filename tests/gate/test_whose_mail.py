"""Only mail of the organisation's persons is judged."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from streams.errors import ConfigurationError
from streams.gate.question import Question
from streams.gate.whose_mail import OwnPersons, bare_sender, identity, is_bulk_header, names_of
from streams.networks import LOOPBACK
from tests.gate.questions import HTTP, milter, policy

OWN = OwnPersons(["mod.gov.uk"], LOOPBACK)
NOBODY_KNOWN = OwnPersons([], LOOPBACK)


def stranger(**changes: Any) -> Question:
    return policy(**{"login": None, "client_address": "8.8.8.8", **changes})


def relay(**changes: Any) -> Question:
    return policy(**{"login": None, "client_address": "127.0.0.1", **changes})


@pytest.mark.parametrize(
    "question",
    [policy(), policy(sender="jo@elsewhere.example"), relay(), milter(login=None, client_address="::ffff:127.0.0.1")],
)
def test_who_has_logged_in_and_own_networks_are_own(question: Question) -> None:
    assert OWN.why_not(question) is None


@pytest.mark.parametrize(
    "question",
    [
        stranger(),
        stranger(login=""),
        relay(client_address=None),
        relay(client_address="unknown"),
        relay(sender="stranger@elsewhere.example"),
        policy(sender=f"{'x' * 512}@mod.gov.uk"),
    ],
)
def test_mail_of_others_is_not(question: Question) -> None:
    assert OWN.why_not(question) == "not-own"


def test_without_own_domains_the_network_decides() -> None:
    assert NOBODY_KNOWN.why_not(relay(sender="jo@anywhere.example")) is None
    assert NOBODY_KNOWN.why_not(stranger()) == "not-own"
    with pytest.raises(ConfigurationError, match="own_domains"):
        OwnPersons(["no domain"], LOOPBACK)


def test_mail_of_this_machine_is_own() -> None:
    local = milter(login=None, client_address=None, is_internal=True)
    assert OWN.why_not(local) is None
    assert OWN.why_not(milter(login=None, client_address=None)) == "not-own"


def test_over_http_the_token_has_said_whose_mail_it_is() -> None:
    assert OWN.why_not(HTTP) is None


@pytest.mark.parametrize(
    "sender",
    [
        "",
        "<>",
        "  ",
        "MAILER-DAEMON@mod.gov.uk",
        "double-bounce@mx.mod.gov.uk",
        "owner-staff@lists.mod.gov.uk",
        "staff-request@lists.mod.gov.uk",
        "staff-bounces@lists.mod.gov.uk",
        "staff-bounces+sam=army.ml@lists.mod.gov.uk",
        "bounces+12-ab@mod.gov.uk",
        "staff-return-12-sam=army.ml@mod.gov.uk",
        "news-sam=army.ml@mod.gov.uk",
        "prvs=0123456789=staff-bounces@mod.gov.uk",
        "SRS0=HHH=TT=example.org=jo@mod.gov.uk",
    ],
)
def test_null_senders_lists_verp_and_probes_are_no_persons(sender: str) -> None:
    assert OWN.why_not(relay(sender=sender)) == "no-person"


@pytest.mark.parametrize(
    "sender", ["owner@mod.gov.uk", "jo.bounce@mod.gov.uk", "prvs=0123456789=jo@mod.gov.uk", "jo+a=b@mod.gov.uk"]
)
def test_names_that_only_look_alike_are_persons(sender: str) -> None:
    assert OWN.why_not(policy(sender=sender)) is None


@pytest.mark.parametrize(
    "name", ["travel-request", "product-owner", "owner-services", "tax-return-2026", "foi-request+1"]
)
def test_role_mailboxes_of_who_has_logged_in_are_persons(name: str) -> None:
    sender = f"{name}@mod.gov.uk"
    assert [OWN.why_not(each(sender=sender)) for each in (policy, milter)] == [None, None]
    assert OWN.why_not(replace(HTTP, sender=sender)) is None
    assert OWN.why_not(relay(sender=sender)) == "no-person", "it may be a list"


@pytest.mark.parametrize(
    "sender", ["staff-bounces@x", "MAILER-DAEMON@x", "staff-return-12-sam=army.ml@x", "SRS0=H=T=o=jo@x"]
)
def test_programs_with_a_login_are_no_persons_either(sender: str) -> None:
    assert OWN.why_not(policy(sender=sender)) == "no-person"


def test_a_list_says_so_in_its_header() -> None:
    assert OWN.why_not(milter(is_bulk=True)) == "no-person"
    assert is_bulk_header("List-Id", "staff")
    assert is_bulk_header("PRECEDENCE", " Bulk ")
    assert not is_bulk_header("Precedence", "first-class")
    assert not is_bulk_header("Subject", "list-id: x")


def test_a_login_is_known_by_it_and_a_relay_by_its_sender() -> None:
    assert identity(policy(login=" Jo ")) == identity(policy(login="jo", sender="other@mod.gov.uk")) == "login:jo"
    senders = ["jo@mod.gov.uk", "Jo@MOD.gov.uk", "jo+crm@mod.gov.uk", "prvs=0123456789=jo@mod.gov.uk"]
    assert {identity(relay(sender=sender)) for sender in senders} == {"sender:jo@mod.gov.uk"}
    assert identity(relay(sender="x@y")) != identity(policy(login="x@y"))


def test_settings_mean_a_sender_by_login_or_address() -> None:
    assert names_of(policy(login="CRM", sender="btv1==0ab==jo@mod.gov.uk")) == {"crm", "jo@mod.gov.uk"}
    assert bare_sender("prvs=short=jo@mod.gov.uk") == "prvs=short=jo@mod.gov.uk"
