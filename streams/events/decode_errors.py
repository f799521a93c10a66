"""Turns what the JSON decoder says of a bad record into an `UnreadableRecord` of ours.

The details name the field and what is wrong with it, never its content: they stand in headers and logs.
"""

import re

import msgspec

from streams.errors import UnreadableRecord
from streams.events.reasons import Reason

DECODER_ERRORS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""All that `msgspec.json.Decoder.decode` raises for any bytes."""

_AT = " - at `"
_MISSING = re.compile(r"Object missing required field `(?P<name>\w+)`")
_TYPE = re.compile(r"Expected `[^`]*`, got `\w+`")
_SAID_OF_VALUES = re.compile(
    r"Expected `\w+` (?:of length )?[<>]=? -?\d+|Expected `datetime` with a timezone component"
)
_ADDRESS_PATH = re.compile(r"sender|recipients\[\d+\]")


def unreadable(value: bytes, error: Exception) -> UnreadableRecord:
    """The reason and detail of one of `DECODER_ERRORS`, met when `value` was decoded."""
    if not _is_utf8(value):
        return UnreadableRecord(Reason.NOT_UTF8, "The record is not UTF-8.")
    if isinstance(error, RecursionError):
        return UnreadableRecord(Reason.TOO_DEEP, "The record's arrays or objects are nested too deep.")
    if isinstance(error, msgspec.ValidationError):
        return _invalid(str(error))
    return UnreadableRecord(Reason.NOT_JSON, f"The record is not JSON: {error}.")


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def _invalid(message: str) -> UnreadableRecord:
    said, _, path = message.rpartition(_AT) if _AT in message else (message, "", "")
    path = path.removesuffix("`").removeprefix("$").removeprefix(".")
    where = f"`{path}`" if path else "The record"
    if missing := _MISSING.fullmatch(said):
        inside = f" of {where}" if path else ""
        return UnreadableRecord(Reason.MISSING_FIELD, f"The field `{missing['name']}`{inside} is missing.")
    if _TYPE.fullmatch(said):
        return UnreadableRecord(Reason.WRONG_TYPE, f"{where} has the wrong type: {_lowered(said)}.")
    if path == "recipients" and "<=" in said:
        return UnreadableRecord(Reason.TOO_MANY_RECIPIENTS, f"{where} has too many entries: {_lowered(said)}.")
    if _ADDRESS_PATH.fullmatch(path) and "<=" in said:
        return UnreadableRecord(Reason.BAD_ADDRESS, f"{where} is too long: {_lowered(said)}.")
    if _SAID_OF_VALUES.fullmatch(said):
        return UnreadableRecord(Reason.BAD_VALUE, f"{where} is not allowed: {_lowered(said)}.")
    return UnreadableRecord(Reason.BAD_VALUE, f"{where} has a value that is not allowed.")


def _lowered(said: str) -> str:
    return said[0].lower() + said[1:]
