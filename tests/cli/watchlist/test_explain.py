"""`straymail watchlist explain`, run as a command."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import RunCommand
from tests.name_server import NameServer


def test_explain(watchlist: Path, run: RunCommand) -> None:
    (row,) = run("watchlist", "explain", "bob@army.mi", "--watchlist", str(watchlist)).rows
    assert (row["typo"], row["intended"], row["registration"]) == (True, "army.mil", "none")
    done = run("watchlist", "explain", "..", "--watchlist", str(watchlist))
    assert done.exit_code == 2
    assert "is not a domain name" in done.err


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize(
    ("domain", "lines"),
    [
        (
            "army.ml",
            [" is a certain typo of army.mil (score 1.00; a typo from 0.50)", "Registration: army.ml (open"],
        ),
        ("nato.imt", ["nato.imt is a certain typo of nato.int (score ", "Registration: nato.imt (no such suffix"]),
        ("example.org", ["example.org is no typo of a watched domain", "Registration: example.org (open"]),
    ],
)
def test_for_people_there_is_a_sentence_and_who_could_register_it(
    watchlist: Path, run: RunCommand, domain: str, lines: list[str]
) -> None:
    out = run("watchlist", "explain", domain, "--watchlist", str(watchlist)).out.decode()
    assert all(line in out for line in lines), out


@pytest.mark.usefixtures("terminal")
def test_the_group_of_what_was_meant_is_named(tmp_path: Path, run: RunCommand) -> None:
    path = tmp_path / "watchlist.yaml"
    path.write_text("watched: [{domain: nato.int, group: allies}]\ngroups: {allies: {severity: high}}\n")
    out = run("watchlist", "explain", "nato.imt", "--watchlist", str(path)).out.decode()
    assert "Group: allies" in out
    path.write_text("watched: [nato.int]\n")
    assert "Group: defence" in run("watchlist", "explain", "nato.imt", "--watchlist", str(path)).out.decode()


def test_what_dns_says(
    watchlist: Path, run: RunCommand, monkeypatch: pytest.MonkeyPatch, name_server: NameServer
) -> None:
    monkeypatch.setenv("STRAYMAIL_DNS_SERVERS", name_server.address)
    for enabled, words in (("true", "army.ml takes mail at mx1.example.ml, mx2.example.ml"), ("false", None)):
        monkeypatch.setenv("STRAYMAIL_DNS_ENABLED", enabled)
        assert run("watchlist", "explain", "army.ml", "--watchlist", str(watchlist)).rows[0]["dns"] == words
    monkeypatch.setenv("STRAYMAIL_DNS_ENABLED", "true")
    assert run("watchlist", "explain", "example.org", "--watchlist", str(watchlist)).rows[0]["dns"] is None
