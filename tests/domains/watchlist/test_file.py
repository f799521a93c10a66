"""Watchlist files."""

from datetime import date
from pathlib import Path

import pytest

from streams.domains.watchlist.file import read_watchlist
from streams.domains.watchlist.watchlist import Allowed, Group, Watchlist
from streams.errors import WatchlistError
from streams.severity import Severity

TODAY = date(2027, 6, 20)
WHOLE = """\
watched: ["*.mil", mod.gov.uk, {domain: nato.int, group: allies}]
allowed:
  - army.cz
  - {domain: "*.gouv.ml", reason: ministries of Mali, owner: soc@example.org, until: 2027-06-30}
  - {domain: old.ml, until: 2027-06-19}
mistakes: {army.ml: army.mil, Navy.ML: navy.mil}
groups:
  allies: {severity: high, owner: liaison@example.org, runbook_url: "https://example.org/allies"}
"""


def load(folder: Path, text: str) -> Watchlist:
    path = folder / "watchlist"
    path.write_text(text, encoding="utf-8")
    return read_watchlist(path, today=TODAY)


def test_a_whole_file(tmp_path: Path) -> None:
    watchlist = load(tmp_path, WHOLE)
    assert dict(watchlist.watched) == {"*.mil": None, "mod.gov.uk": None, "nato.int": "allies"}
    assert watchlist.groups == {"allies": Group(Severity.HIGH, "liaison@example.org", "https://example.org/allies")}
    assert watchlist.mistakes == {"army.ml": "army.mil", "navy.ml": "navy.mil"}
    assert watchlist.expired == (Allowed("old.ml", until=date(2027, 6, 19)),)
    assert dict(watchlist.allowed) == {
        "army.cz": Allowed("army.cz"),
        "*.gouv.ml": Allowed("*.gouv.ml", "ministries of Mali", "soc@example.org", date(2027, 6, 30)),
    }


def test_json(tmp_path: Path) -> None:
    watchlist = load(tmp_path, '{"watched": ["*.mil", "nato.int"], "mistakes": {"army.ml": "army.mil"}}')
    assert list(watchlist.watched) == ["*.mil", "nato.int"]
    assert watchlist.mistakes == {"army.ml": "army.mil"}


def test_plain_text(tmp_path: Path) -> None:
    watchlist = load(tmp_path, "# ours\n*.mil\n\nMod.Gov.UK.   # London\n")
    assert list(watchlist.watched) == ["*.mil", "mod.gov.uk"]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("army.mil\nar my.mil\n", 2, "character"),
        ("army.mil\nmil\n", 2, "write '*.mil' for every name under it"),
        ("watched: [army.mil\n", 2, "not valid YAML"),
        ("watched: [army.mil]\nignored: []\n", 2, "unknown key 'ignored': use watched, allowed"),
        ("watched:\n  - army.mil\n  - {group: allies}\n", 3, "'domain' is missing"),
        ("watched:\n  - {domain: nato.int, group: allies}\n", 2, "unknown group 'allies'"),
        ("watched: army.mil\n", 1, "a list is expected here, such as [army.mil]"),
        ("watched:\n", 1, "a list is expected"),
        ("watched: [[army.mil]]\n", 1, "keys with values"),
        ("watched: [army.mil]\nallowed: [{domain: a.ml, until: soon}]\n", 2, "'soon' is not a date"),
        ("watched: [army.mil]\nmistakes: {army.mil: navy.mil}\n", 2, "is watched, so it can't be a mistake"),
        ("watched: [a.mil, b.mil]\nmistakes:\n  a.ml: a.mil\n  A.ML.: b.mil\n", 4, "a mistake for two domains"),
        ("watched: [army.mil]\nmistakes: {'*.ml': army.mil}\n", 2, "can't be used here"),
        ("watched: [army.mil]\nmistakes: [army.ml]\n", 2, "keys with values"),
        ("watched: [army.mil]\ngroups: {g: {severity: huge}}\n", 2, "'huge' is no severity: use informational, low"),
        ("watched: [army.mil]\ngroups: {g: {severity: hihg}}\n", 2, "did you mean 'high'?"),
        ("watched: [{domain: a.mil, group: alies}]\ngroups: {allies: {}}\n", 1, "did you mean 'allies'?"),
        ("watched: [army.mil]\ngroups: {g: {severity: high, at_most: low}}\n", 2, "at_most (low) is below severity"),
        ("watched: [{domain: a.mil, group: defense}]\n", 1, "did you mean 'defence'?"),
        ("watchd: [army.mil]\n", 1, "unknown key 'watchd': did you mean 'watched'?"),
        ("# ours\n- army.mil\n", 2, "a list of what? Write 'watched:' above it"),
        ("watched: [army.mil]\ngroups: {g: {}, g: {}}\n", 2, "'g' is given twice"),
        ("watched: [army.mil]\ngroups: {g: {owner: }}\n", 2, "text is expected"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(tmp_path: Path, text: str, line: int, reason: str) -> None:
    with pytest.raises(WatchlistError) as caught:
        load(tmp_path, text)
    assert caught.value.line == line
    assert reason in caught.value.reason
    assert str(tmp_path / "watchlist") in str(caught.value)


@pytest.mark.parametrize(("content", "reason"), [(b"", "no domain is watched"), (b"\xff\xfe\xff", "not UTF-8")])
def test_a_useless_file(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "watchlist"
    path.write_bytes(content)
    with pytest.raises(WatchlistError, match=reason):
        read_watchlist(path, today=TODAY)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(WatchlistError, match="No such file"):
        read_watchlist(tmp_path / "none", today=TODAY)
