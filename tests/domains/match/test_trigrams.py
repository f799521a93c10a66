"""How surprising a label's letters are."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.domains.match.trigrams import TrigramModel

LABELS = st.text("abc-1", min_size=1, max_size=8)
MODEL = TrigramModel.from_labels(["army", "army", "army", "armor", "arms", "navy"] * 3)


def test_what_is_seen_often_is_less_surprising_than_what_is_seen_seldom_or_never() -> None:
    assert MODEL.bits("army") < MODEL.bits("navy") < MODEL.bits("zqxj")


def test_a_longer_label_of_unseen_letters_carries_more() -> None:
    assert MODEL.bits("zq") < MODEL.bits("zqx") < MODEL.bits("zqxj")


@given(st.lists(LABELS, min_size=1, max_size=20), LABELS)
def test_bits_are_never_negative_and_the_same_each_time(labels: list[str], label: str) -> None:
    model = TrigramModel.from_labels(labels)
    assert model.bits(label) >= 0
    assert model.bits(label) == model.bits(label)


@given(st.lists(LABELS, min_size=1, max_size=20), LABELS)
def test_a_model_comes_back_from_json_but_for_hundredths(labels: list[str], label: str) -> None:
    model = TrigramModel.from_labels(labels)
    again = TrigramModel.from_data(json.loads(json.dumps(model.to_data())))
    assert again.bits(label) == pytest.approx(model.bits(label), abs=0.02 * (len(label) + 1))
    assert again.to_data() == model.to_data()


def test_labels_beyond_the_cache_have_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.domains.match.trigrams._CACHED_LABELS", 1)
    model = TrigramModel.from_data(MODEL.to_data())
    bits = [model.bits(label) for label in ("army", "navy", "army")]
    assert bits[0] == bits[2] < bits[1]
    assert len(model._labels) == 1
