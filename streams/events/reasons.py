"""Why a record could not be read: a closed set, since each reason is the value of a metric label."""

from enum import StrEnum


class Reason(StrEnum):
    """The word that a dead letter carries; its `detail` tells the rest."""

    EMPTY = "empty"
    """No value (a tombstone) or no byte in it."""
    NOT_UTF8 = "not-utf8"
    """Bytes that are no UTF-8, wherever they stand in the record."""
    NOT_JSON = "not-json"
    """No JSON text, or something after it; a byte order mark, NaN and half a surrogate pair are none either."""
    TOO_DEEP = "too-deep"
    """Nested deeper than can be read (from about 1,000 levels on)."""
    WRONG_TYPE = "wrong-type"
    MISSING_FIELD = "missing-field"
    DUPLICATE_FIELD = "duplicate-field"
    """A field that is there twice, of which all readers but one would lose the other's content."""
    BAD_VALUE = "bad-value"
    """The right type, but not one of the values or not of the length that are allowed."""
    BAD_ADDRESS = "bad-address"
    TOO_MANY_RECIPIENTS = "too-many-recipients"
    TIME_OUT_OF_RANGE = "time-out-of-range"
    """Before 1990 or after 2099: mostly seconds or microseconds given as milliseconds."""
    TIME_IN_FUTURE = "time-in-future"
