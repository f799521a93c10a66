"""The letter and its template."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import ConfigurationError
from streams.events.alert import encode_alert
from streams.events.alert_view import read_alert
from streams.events.mistaken_domain import MistakenDomain
from streams.notify.letter import LetterTemplate, facts_of, read_template
from tests.cli.finding import ARMY, finding

NAVY = MistakenDomain("navy.ml", "navy.mil", "omission", "x", 1.0, certain=True)
VIEW = read_alert(encode_alert(finding()))


def test_the_letter_has_what_happened_what_was_meant_what_to_do_and_whom_to_call() -> None:
    letter = read_template(None).fill(facts_of(VIEW, ["ops@army.ml", "boss@army.ml"], "the SOC, 4711"))
    assert letter.subject == "You sent mail to army.ml: did you mean army.mil?"
    assert "3 mails from desk@mod.gov.uk went to army.ml" in letter.text
    assert "    boss@army.ml  (meant: boss@army.mil)\n    ops@army.ml  (meant: ops@army.mil)\n" in letter.text
    assert "3 mails were delivered to a server that is not ours" in letter.text
    assert "At least" not in letter.text
    assert "Tell the SOC, 4711 what" in letter.text
    assert "$" not in letter.text


def test_several_domains_and_masked_recipients() -> None:
    view = read_alert(encode_alert(finding(domains=[ARMY, NAVY], domain_count=2, delivered_count=0)))
    facts = facts_of(view, ["*@army.ml", "hmac-00@navy.ml", "x@else.org"], "us")
    assert facts.addresses == "    army.ml  (meant: army.mil)\n    navy.ml  (meant: navy.mil)"
    assert "may still be possible to stop it" in facts.delivered
    many = facts_of(view, [f"u{n:02}@army.ml" for n in range(30)], "us")
    assert many.addresses.splitlines()[-1] == "    and 20 more"


def test_each_number_of_a_minimum_is_said_to_be_one() -> None:
    facts = facts_of(read_alert(encode_alert(finding(count_is_minimum=True, delivered_count=1))), [], "us")
    assert facts.mails.startswith("At least 3 mails")
    assert facts.delivered.startswith("At least 1 mail was delivered")


def test_hostile_names_do_not_break_a_line() -> None:
    evil = MistakenDomain("army.ml\r\nBcc: x@y.z", "army.mil", "omission", "x", 1.0, certain=True)
    view = read_alert(encode_alert(finding(domain=evil)))
    letter = read_template(None).fill(facts_of(view, [], "us"))
    assert "\n" not in letter.subject
    assert not any(line.startswith("Bcc:") for line in letter.text.splitlines())


@pytest.mark.parametrize(
    "local",
    [
        '"unlock your mailbox: https://evil.example/login"',
        "https://evil.example/login",
        "evil.example/login",
        "www.evil.example",
        "unlock your mailbox",
        "call 4711",
        "x\u202egpj",
        "jo\nBcc: x",
        "a" * 65,
        "a..b",
        "",
    ],
)
def test_an_odd_address_is_named_by_its_domain(local: str) -> None:
    facts = facts_of(VIEW, [f"{local}@army.ml", "boss@army.ml"], "us")
    boss = "    boss@army.ml  (meant: boss@army.mil)"
    assert set(facts.addresses.splitlines()) == {boss, "    army.ml  (meant: army.mil)"}
    sender = read_alert(encode_alert(finding(sender=f"{local}@mod.gov.uk")))
    assert facts_of(sender, [], "us").sender == "mod.gov.uk"


@given(st.text(max_size=40))
def test_no_local_part_writes_more_than_a_word(local: str) -> None:
    facts = facts_of(VIEW, [f"{local}@army.ml"], "us")
    assert re.fullmatch(r"    (?:[^\s/:\"<>]+@)?army\.ml  \(meant: (?:[^\s/:\"<>]+@)?army\.mil\)", facts.addresses)


@pytest.mark.parametrize("local", ["boss", "j.o'neill", "first.last+tag", "b1234_x=y", "BOSS-2"])
def test_plain_addresses_are_named(local: str) -> None:
    assert facts_of(VIEW, [f"{local}@army.ml"], "us").addresses == f"    {local}@army.ml  (meant: {local}@army.mil)"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Hello", "first line must be"),
        ("Subject: x\nHello", "the second line empty"),
        ("Subject: $nosuch\n\nHello", r"there is no placeholder \$nosuch; the placeholders are \$sender"),
        ("Subject: x\n\nIt costs $ 5", "write \\$\\$"),
    ],
)
def test_templates_that_are_refused(text: str, sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        LetterTemplate(text, "letter.txt")
