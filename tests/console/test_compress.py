"""Values that are kept compressed in memory."""

from hypothesis import given
from hypothesis import strategies as st

from streams.console.compress import pack, unpack
from streams.events.alert import encode_alert
from tests.events.finding_samples import finding


@given(st.binary(max_size=20_000))
def test_any_value_comes_back(value: bytes) -> None:
    assert unpack(pack(value)) == value


def test_an_alert_takes_a_fraction_of_its_size() -> None:
    value = encode_alert(finding())
    assert unpack(pack(value)) == value
    assert len(pack(value)) < len(value) / 3
