"""The reasons for which a record can't be read: a closed set, since each is the value of a metric label."""

from enum import StrEnum


class Reason(StrEnum):
    """The reason in a dead letter, which also has a `detail`."""

    EMPTY = "empty"
    """No value (a tombstone), or a value of no bytes."""
    NOT_UTF8 = "not-utf8"
    """Bytes that are not UTF-8, anywhere in the record."""
    NOT_JSON = "not-json"
    """Not a JSON text, or more than one; a byte order mark, NaN and half a surrogate pair are not JSON either."""
    TOO_DEEP = "too-deep"
    """Nested too deep for the decoder: 1,000 levels or more, by the Python that runs it."""
    WRONG_TYPE = "wrong-type"
    MISSING_FIELD = "missing-field"
    DUPLICATE_FIELD = "duplicate-field"
    """A field that occurs twice, so that one of its values would be lost."""
    BAD_VALUE = "bad-value"
    """The right type, but not an allowed value or length."""
    BAD_ADDRESS = "bad-address"
    TOO_MANY_RECIPIENTS = "too-many-recipients"
    TIME_OUT_OF_RANGE = "time-out-of-range"
    """Before 1990 or after 2099: usually seconds or microseconds written as milliseconds."""
    TIME_IN_FUTURE = "time-in-future"
