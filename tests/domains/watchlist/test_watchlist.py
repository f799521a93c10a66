"""Which entry of a watchlist covers a domain."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.domains.watchlist.watchlist import Allowed, Watchlist, nearest

TODAY = date(2027, 6, 20)
WATCHLIST = Watchlist(
    watched={"*.mil": None, "mod.gov.uk": None, "nato.int": "allies"},
    allowed={"army.cz": Allowed("army.cz"), "*.gouv.ml": Allowed("*.gouv.ml", until=date(2027, 6, 30))},
    mistakes={"army.ml": "army.mil", "hq.navy.mil": "hq.army.mil"},
    groups={},
)


@pytest.mark.parametrize(
    ("domain", "watched", "allowed", "listed", "group"),
    [
        ("army.mil", True, False, False, None),
        ("us.af.mil", True, False, False, None),
        ("mil", False, False, False, None),
        ("hq.nato.int", True, False, False, "allies"),
        ("mail.army.cz", False, True, False, None),
        ("justice.gouv.ml", False, True, False, None),
        ("gouv.ml", False, False, False, None),
        ("us.army.ml", False, False, True, None),
        ("hq.navy.mil", False, False, True, None),
        ("a.hq.navy.mil", False, False, True, None),
        ("navy.mil", True, False, False, None),
    ],
)
def test_which_entry_covers_a_domain(
    domain: str, watched: bool, allowed: bool, listed: bool, group: str | None
) -> None:
    assert WATCHLIST.is_watched(domain) is watched
    assert WATCHLIST.is_allowed(domain) is allowed
    assert WATCHLIST.is_listed(domain) is listed
    assert WATCHLIST.group_of(domain) == group


@pytest.mark.parametrize(
    ("until", "expired"), [(None, False), (TODAY, False), (date(2027, 6, 19), True), (date(2027, 6, 21), False)]
)
def test_an_entry_is_in_force_through_its_last_day(until: date | None, expired: bool) -> None:
    assert Allowed("old.ml", until=until).expired(TODAY) is expired


def test_entries_that_expire_soon() -> None:
    assert [entry.domain for entry in WATCHLIST.expiring(TODAY)] == ["*.gouv.ml"]
    assert WATCHLIST.expiring(TODAY, days=10) == []


NAMES = st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map(".".join)


@given(NAMES, st.sets(NAMES | NAMES.map("*.{}".format), max_size=8))
def test_the_nearest_entry_is_the_longest_that_covers(domain: str, entries: set[str]) -> None:
    covers = {entry for entry in entries if domain == entry or domain.endswith("." + entry.removeprefix("*."))}
    longest = max((len(entry.removeprefix("*.")) for entry in covers), default=None)
    found = nearest(domain, entries)
    assert (None if found is None else len(found.removeprefix("*."))) == longest
    assert found is None or found in covers
