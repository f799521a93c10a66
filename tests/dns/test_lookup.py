"""The facts of domains from a real name server, and how long a batch waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import msgspec
import pytest

from streams import clock
from streams.dns.lookup import IN_FLIGHT, WAIT_S, Lookup, facts_now
from streams.dns.settings import DnsSettings
from streams.events.dns_facts import HOST_LENGTH, DnsFacts, in_words
from tests.dns.test_questions import responder
from tests.name_server import NameServer

ROUTES = {
    "army.ml": "mx",
    "alias.ml": "mx",
    "nullmx.ml": "null-mx",
    "address.ml": "address",
    "v6.ml": "address",
    "silent.ml": "none",
    "mail.owned.com": "absent",
    "lockheedmartn.com": "unowned",
    "mail.nobody.com": "unowned",
    "army.mi": "no-suffix",
    "army.ws": "address",
}


def settings(server: str, **more: float) -> DnsSettings:
    return DnsSettings(enabled=True, servers=(server,), **more)


async def closing(lookup: Lookup, work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    finally:
        await lookup.close()


def test_facts_of_a_real_name_server(name_server: NameServer) -> None:
    found = facts_now([*ROUTES, "loop.ml"], settings(name_server.address))
    assert {name: facts.route for name, facts in found.items()} == ROUTES
    assert [name for name, facts in found.items() if facts.wildcard] == ["army.ws"]


def test_a_hostile_mail_server_name_is_escaped(name_server: NameServer) -> None:
    words = in_words("hostile.ml", facts_now(["hostile.ml"], settings(name_server.address))["hostile.ml"])
    assert words.isascii()
    assert words.isprintable()


def test_a_hit_with_the_longest_mail_server_name_is_read_back(name_server: NameServer) -> None:
    facts = facts_now(["long.ml"], settings(name_server.address))["long.ml"]
    assert msgspec.json.decode(msgspec.json.encode(facts), type=DnsFacts) == facts
    assert len(facts.mx[0]) == HOST_LENGTH


def test_more_domains_than_are_asked_at_a_time(name_server: NameServer) -> None:
    domains = [f"nobody{number}.ml" for number in range(2 * IN_FLIGHT + 1)]
    assert facts_now(domains, settings(name_server.address)).keys() == set(domains)


def test_what_is_known_is_not_asked_again(name_server: NameServer) -> None:
    queries: list[bytes] = []

    async def run(lookup: Lookup) -> None:
        assert await lookup.facts(["nobody.ml"], wait_s=9) == {}
        asked = len(queries)
        assert await lookup.facts(["nobody.ml"], wait_s=9) == {}  # unknown for a while
        assert len(queries) == asked

    with responder(lambda query: queries.append(query)) as silent:

        async def main() -> None:
            lookup = Lookup(settings(silent, timeout_s=0.2))
            await closing(lookup, run(lookup))

        asyncio.run(main())
    assert queries


def test_a_batch_waits_for_a_slow_resolver_once_and_briefly() -> None:
    async def main() -> None:
        lookup = Lookup(settings(silent, timeout_s=60))
        begin = clock.monotonic()
        assert await lookup.facts(["army.ml"]) == {}
        waited = clock.monotonic() - begin
        begin = clock.monotonic()
        for number in range(2 * IN_FLIGHT):
            assert await lookup.facts([f"army{number}.ml"]) == {}
        more = clock.monotonic() - begin
        await lookup.close()
        assert waited >= 0.9 * WAIT_S
        assert more < 200 * WAIT_S / 10

    with responder(lambda _: None) as silent:
        asyncio.run(main())


def test_what_comes_too_late_is_there_for_the_next_hit(name_server: NameServer) -> None:
    async def main() -> None:
        lookup = Lookup(settings(name_server.address))
        assert await lookup.facts(["army.ml"], wait_s=0) == {}
        while not (found := await lookup.facts(["army.ml"], wait_s=0)):  # noqa: ASYNC110 (no event tells)
            await asyncio.sleep(0.01)
        assert found["army.ml"].route == "mx"
        await lookup.close()

    asyncio.run(asyncio.wait_for(main(), 10))


@pytest.mark.parametrize("domains", [[], ["army.mi"]])
def test_no_question_where_none_is_needed(domains: list[str]) -> None:
    found = facts_now(domains, settings("127.0.0.1:1"))
    assert [facts.route for facts in found.values()] == ["no-suffix"] * len(domains)
