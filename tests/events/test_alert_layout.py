"""The layout of alerts gives the bytes that plain dicts give, whatever is in them."""

import random

import pytest

from streams.events.alert import encode_alert
from tests.events.made_states import made_state
from tests.events.plain_alert import plain_alert


@pytest.mark.parametrize(
    ("seed", "states"), [(1, 100), *(pytest.param(seed, 1_000, marks=pytest.mark.fuzz) for seed in range(2, 5))]
)
def test_an_alert_has_the_bytes_of_its_plain_fields(seed: int, states: int) -> None:
    chance = random.Random(seed)
    for state in (made_state(chance) for _ in range(states)):
        assert encode_alert(state) == plain_alert(state)
