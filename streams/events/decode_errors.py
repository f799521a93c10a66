"""Translates the JSON decoder's errors into `UnreadableRecord`.

The details name the field and what is wrong with it, never its content: they are written to headers and logs.
"""

import re

import msgspec

from streams.errors import UnreadableRecord
from streams.events.reasons import Reason

DECODER_ERRORS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""The exceptions that `msgspec.json.Decoder.decode` raises, whatever the bytes."""

_AT = " - at `"
_MISSING = re.compile(r"Object missing required field `(?P<name>\w+)`")
_TYPE = re.compile(r"Expected `[^`]*`, got `\w+`")
_CONSTRAINT = re.compile(r"Expected `\w+` (?:of length )?[<>]=? -?\d+|Expected `datetime` with a timezone component")
_ADDRESS_PATH = re.compile(r"sender|recipients\[\d+\]")


def unreadable(value: bytes, error: Exception) -> UnreadableRecord:
    """The translation of one of `DECODER_ERRORS`, which decoding `value` raised."""
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
    problem, _, path = message.rpartition(_AT) if _AT in message else (message, "", "")
    path = path.removesuffix("`").removeprefix("$").removeprefix(".")
    where = f"`{path}`" if path else "The record"
    if missing := _MISSING.fullmatch(problem):
        inside = f" of {where}" if path else ""
        return UnreadableRecord(Reason.MISSING_FIELD, f"The field `{missing['name']}`{inside} is missing.")
    if _TYPE.fullmatch(problem):
        return UnreadableRecord(Reason.WRONG_TYPE, f"{where} has the wrong type: {_lower_first(problem)}.")
    if path == "recipients" and "<=" in problem:
        return UnreadableRecord(Reason.TOO_MANY_RECIPIENTS, f"{where} has too many entries: {_lower_first(problem)}.")
    if _ADDRESS_PATH.fullmatch(path) and "<=" in problem:
        return UnreadableRecord(Reason.BAD_ADDRESS, f"{where} is too long: {_lower_first(problem)}.")
    if _CONSTRAINT.fullmatch(problem):
        return UnreadableRecord(Reason.BAD_VALUE, f"{where} is not allowed: {_lower_first(problem)}.")
    return UnreadableRecord(Reason.BAD_VALUE, f"{where} has a value that is not allowed.")


def _lower_first(problem: str) -> str:
    return problem[0].lower() + problem[1:]
