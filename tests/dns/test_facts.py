"""What the replies of DNS mean for a domain."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from streams.dns.facts import NO_TTL_S, answers, facts_of
from streams.dns.questions import Reply
from streams.events.dns_facts import HOSTS_KEPT, DnsFacts

Replies = Mapping[tuple[str, str], Reply]
NO_NAME, NO_DATA, UNKNOWN, ADDRESS = Reply("no-name"), Reply("no-data"), Reply("unknown"), Reply("found", (), 77)


def facts(domain: str, replies: Replies, *, wildcard: bool = False) -> tuple[DnsFacts | None, int]:
    async def answers_all(suffix: str) -> bool:
        return wildcard

    async def ask(name: str, kind: str) -> Reply:
        return replies[name, kind]

    return asyncio.run(facts_of(domain, ask, answers_all, now_ms=1))


MX, A, AAAA = "MX", "A", "AAAA"


@pytest.mark.parametrize(
    ("domain", "replies", "expected", "ttl_s"),
    [
        ("a.ml", {("a.ml", MX): Reply("found", ("mx.b.ml",), 5)}, ("mx", "a.ml", ["mx.b.ml"], True), 5),
        ("a.ml", {("a.ml", MX): Reply("found", (".",), 5)}, ("null-mx", "a.ml", [], True), 5),
        (
            "a.ml",
            {("a.ml", MX): NO_DATA, ("a.ml", A): NO_DATA, ("a.ml", AAAA): ADDRESS},
            ("address", "a.ml", [], True),
            77,
        ),
        (
            "a.ml",
            {("a.ml", MX): NO_DATA, ("a.ml", A): NO_DATA, ("a.ml", AAAA): NO_DATA},
            ("none", "a.ml", [], True),
            NO_TTL_S,
        ),
        ("a.ml", {("a.ml", MX): NO_NAME}, ("unowned", "a.ml", [], True), NO_TTL_S),
        ("x.a.ml", {("x.a.ml", MX): NO_NAME, ("a.ml", "NS"): NO_NAME}, ("unowned", "a.ml", [], True), NO_TTL_S),
        ("x.a.ml", {("x.a.ml", MX): NO_NAME, ("a.ml", "NS"): NO_DATA}, ("absent", "a.ml", [], True), NO_TTL_S),
        ("a.gov", {("a.gov", MX): NO_NAME}, ("unowned", "a.gov", [], False), NO_TTL_S),
        ("army.mi", {}, ("no-suffix", "army.mi", [], False), NO_TTL_S),
    ],
)
def test_routes(domain: str, replies: Replies, expected: tuple[str, str, list[str], bool], ttl_s: int) -> None:
    found, kept_s = facts(domain, replies)
    assert found is not None
    assert (found.route, found.registrable, found.mx, found.open) == expected
    assert kept_s == ttl_s
    assert found.asked == 1


@pytest.mark.parametrize(
    ("domain", "replies"),
    [
        ("a.ml", {("a.ml", MX): UNKNOWN}),
        ("a.ml", {("a.ml", MX): NO_DATA, ("a.ml", A): UNKNOWN, ("a.ml", AAAA): NO_DATA}),
        ("x.a.ml", {("x.a.ml", MX): NO_NAME, ("a.ml", "NS"): UNKNOWN}),
    ],
)
def test_what_dns_did_not_answer_is_not_known(domain: str, replies: Replies) -> None:
    assert facts(domain, replies) == (None, NO_TTL_S)


def test_some_mail_servers_of_many_are_named() -> None:
    hosts = tuple(f"mx{number}.b.ml" for number in range(9))
    found, _ = facts("a.ml", {("a.ml", MX): Reply("found", hosts, 5)}, wildcard=True)
    assert found is not None
    assert found.mx == list(hosts[:HOSTS_KEPT])
    assert found.wildcard


@pytest.mark.parametrize(
    ("reply", "expected"), [(Reply("found", ("mx.b.ml",)), True), (NO_NAME, False), (UNKNOWN, None)]
)
def test_whether_a_name_answers(reply: Reply, expected: bool | None) -> None:
    async def ask(name: str, kind: str) -> Reply:
        return reply

    assert asyncio.run(answers("x.ml", ask)) is expected
