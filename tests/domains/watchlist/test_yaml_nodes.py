"""YAML with the line of each value."""

import pytest

from streams.domains.watchlist.entry_error import EntryError
from streams.domains.watchlist.yaml_nodes import read_fields


def test_each_value_knows_its_line() -> None:
    root = read_fields("a: 1\nb:\n  - x\n  - {c: y}\n").mapping(("a", "b"))
    assert (root["a"].text(), root["a"].line, root["a"].is_text) == ("1", 1, True)
    first, second = root["b"].items()
    assert (first.text(), first.line) == ("x", 3)
    assert [(key, value.text(), value.line) for key, value in second.pairs()] == [("c", "y", 4)]
    assert not second.is_text


def test_a_key_may_occur_twice_where_both_are_asked_for() -> None:
    pairs = [(key.text(), value.text()) for key, value in read_fields("{a: 1, a: 2}").keyed()]
    assert pairs == [("a", "1"), ("a", "2")]
    with pytest.raises(EntryError, match="'a' is given twice"):
        list(read_fields("{a: 1, a: 2}").pairs())


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", 1, "it is empty"),
        ("a: [1", 2, "not valid YAML"),
        ("a: \x01", 1, "not valid YAML"),
        ("\n[1]", 2, "keys with values are expected here"),
        ("b: 1", 1, "unknown key 'b': use a"),
        ("{}", 1, "'a' is missing"),
    ],
)
def test_what_is_no_mapping_of_the_known_keys_is_refused(text: str, line: int, reason: str) -> None:
    with pytest.raises(EntryError) as caught:
        read_fields(text).mapping(("a",), needed=("a",))
    assert (caught.value.line, reason in caught.value.reason) == (line, True), caught.value.reason


@pytest.mark.parametrize("text", ["{a: }", "[1]", "{b: 1}"])
def test_text_is_text_alone(text: str) -> None:
    root = read_fields(text)
    field = root if text != "{a: }" else root.mapping(("a",))["a"]
    with pytest.raises(EntryError, match="text is expected here"):
        field.text()


def test_a_list_is_a_list_alone() -> None:
    with pytest.raises(EntryError, match="a list is expected here"):
        read_fields("a").items()
