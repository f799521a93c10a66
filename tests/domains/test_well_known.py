"""Well-known domains: the shipped list, what it costs, and how it is searched."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams import data
from streams.domains.names import canonical
from streams.domains.suffixes import suffix_rules
from streams.domains.well_known import PAGE, contains, is_well_known, sorted_names

SHIPPED = data.read("well_known.txt").partition("\n\n")[2].splitlines()

COST = """
import resource, time
from streams import data
from streams.domains import well_known

def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
before, begin = peak(), time.process_time()
assert well_known.is_well_known("ieee.org")
print(1000 * (time.process_time() - begin), peak() - before)
"""


@pytest.mark.parametrize("name", ["ieee.org", "army.mil", "ox.ac.uk", "deutsche-bank.de", "google.tg", "github.io"])
def test_real_names(name: str) -> None:
    assert is_well_known(name)


@pytest.mark.parametrize("name", ["", "com", "co.uk", "www.ieee.org", "ieee.or", "eee.org", "zzzzzzzz.zz", "!", "~"])
def test_other_names(name: str) -> None:
    assert not is_well_known(name)


def test_what_is_shipped_are_registrable_names_in_order() -> None:
    split = suffix_rules().split
    assert len(SHIPPED) > 100_000
    assert sorted(set(SHIPPED)) == SHIPPED
    assert [name for name in SHIPPED if canonical(name) != name or split(name).registrable != name] == []
    assert [name for name in SHIPPED if not split(name).label or not suffix_rules().exists(split(name).suffix)] == []


def test_each_shipped_name_is_found_and_no_neighbour_of_it() -> None:
    assert all(map(is_well_known, SHIPPED))
    names = set(SHIPPED)
    near = {f"{name[0]}{name}" for name in SHIPPED} | {name[1:] for name in SHIPPED}
    assert not any(map(is_well_known, near - names))


@pytest.mark.parametrize("slip", ["gmial.com", "gamil.com", "hotmial.com", "outlok.com", "yahooo.com", "instgram.com"])
def test_slips_that_many_people_make_are_not_on_the_list(slip: str) -> None:
    assert not is_well_known(slip)


def test_the_first_lines_name_version_and_licence() -> None:
    header = data.read("well_known.txt").partition("\n\n")[0]
    assert "MISP" in header
    assert "CC0" in header
    assert "commit" in header


def test_loading_takes_at_most_30_ms_and_8_mb() -> None:
    done = subprocess.run([sys.executable, "-c", COST], capture_output=True, text=True, check=True)
    milliseconds, megabytes = map(float, done.stdout.split())
    assert milliseconds <= 30
    assert megabytes <= 8


LETTERS = st.text("ab.", min_size=1, max_size=40)


@given(st.sets(LETTERS, min_size=1, max_size=200), st.sets(LETTERS))
def test_a_table_has_its_names_and_no_others(names: set[str], others: set[str]) -> None:
    table = sorted_names("# comment\n\n" + "".join(f"{name}\n" for name in sorted(names)))
    assert {name for name in names | others if contains(table, name)} == names


def test_a_table_of_several_pages_has_the_names_on_both_sides_of_each_page() -> None:
    names = [f"{number:06}.com" for number in range(1000)]
    table = sorted_names("#\n\n" + "\n".join(names) + "\n")
    assert len(table.first) == pytest.approx(11 * len(names) / PAGE, abs=1)
    assert all(contains(table, name) for name in names)
