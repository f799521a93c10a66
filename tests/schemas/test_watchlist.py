"""The schema and the reader of watchlists agree on the form of a file; only the reader checks domain names."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from streams.domains.watchlist.file import read_watchlist
from streams.errors import WatchlistError
from tests.schemas.load import is_valid, schema

TODAY = date(2026, 1, 1)
(EXAMPLE,) = schema("watchlist")["examples"]


def accepted(folder: Path, text: str) -> bool:
    path = folder / "watchlist.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        read_watchlist(path, today=TODAY)
    except WatchlistError:
        return False
    return True


def test_the_example_is_read(tmp_path: Path) -> None:
    path = tmp_path / "watchlist.yaml"
    path.write_text(yaml.safe_dump(EXAMPLE), encoding="utf-8")
    watchlist = read_watchlist(path, today=TODAY)
    assert set(watchlist.watched) == {"*.mil", "mod.gov.uk", "nato.int"}
    assert set(watchlist.allowed) == {"army.cz", "*.gouv.ml"}
    assert watchlist.mistakes == EXAMPLE["mistakes"]
    assert watchlist.group_of("nato.int") == "allies"


CHANGES: list[tuple[bool, dict[str, Any]]] = [
    (True, {}),
    (True, {"allowed": []}),
    (True, {"mistakes": {}}),
    (True, {"watched": [], "mistakes": {"army.ml": "army.mil"}}),
    (True, {"watched": ["bücher.example", {"domain": "mail.mil"}, "*.gov.uk"]}),
    (True, {"groups": {"allies": {}, "others": {"severity": "critical"}}}),
    (True, {"groups": {"allies": {"at_most": "medium"}}}),
    (False, {"watched": [], "mistakes": {}}),
    (False, {"watch": ["army.mil"]}),
    (False, {"watched": "army.mil"}),
    (False, {"watched": ["mil"]}),
    (False, {"watched": ["*mil"]}),
    (False, {"watched": ["army.*"]}),
    (False, {"watched": [""]}),
    (False, {"watched": [{"group": "allies"}]}),
    (False, {"watched": [{"domain": "army.mil", "groups": "allies"}]}),
    (False, {"watched": [["army.mil"]]}),
    (False, {"allowed": [{"reason": "x"}]}),
    (False, {"allowed": [{"domain": "army.cz", "until": "soon"}]}),
    (False, {"allowed": [{"domain": "army.cz", "until": "2027-02-29"}]}),
    (False, {"allowed": [{"domain": "army.cz", "reason": ""}]}),
    (False, {"mistakes": ["army.ml"]}),
    (False, {"mistakes": {"*.ml": "army.mil"}}),
    (False, {"mistakes": {"army.ml": "*.mil"}}),
    (False, {"mistakes": {"army.ml": ["army.mil"]}}),
    (False, {"groups": {"allies": {"severity": "fatal"}}}),
    (False, {"groups": {"allies": {"at_most": "fatal"}}}),
    (False, {"groups": {"allies": {"colour": "red"}}}),
    (False, {"groups": {"allies": "high"}}),
]


@pytest.mark.parametrize(("good", "changed"), CHANGES, ids=[str(changed) for _, changed in CHANGES])
def test_schema_and_reader_agree_on_a_file(good: bool, changed: dict[str, Any], tmp_path: Path) -> None:
    text = yaml.safe_dump(EXAMPLE | changed, allow_unicode=True)
    as_texts = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  # the one loader that reads every value as text
    assert (is_valid("watchlist", as_texts), accepted(tmp_path, text)) == (good, good)
