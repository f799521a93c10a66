"""What is wrong with a command line, in plain words, with what was probably meant. click's own sentences name its
types (`'x' is not a valid integer range`), and suggest options alone."""

from __future__ import annotations

import re
from collections.abc import Callable

import click

from streams.did_you_mean import did_you_mean, or_list

_GIVEN = r"['\"]?(?P<given>.*?)['\"]? "
_NO_COMMAND = re.compile(r"No such command '(?P<given>.*)'\.?")
_NOT_A_CHOICE = re.compile(_GIVEN + r"is not one of ")
_NOT_A_NUMBER = re.compile(_GIVEN + r"is not a valid (?P<kind>integer|float)")
_OUT_OF_RANGE = re.compile(_GIVEN + r"is not in the range ")
_FOLDER = re.compile(r"File '(?P<given>.*)' is a directory")
_EXTRA = re.compile(r"Got unexpected extra arguments? \((?P<given>.*)\)")
_NO_VALUE = re.compile(r"Option '(?P<given>.*)' requires an argument")


def sentence(error: click.ClickException) -> str:
    """The error in one sentence that says what to do, and where the command's help is."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    text = _in_plain_words(error, context)
    end = "" if text.endswith("?") else "."
    return f"{text}{end} See '{context.command_path} --help'." if context else text


def _in_plain_words(error: click.ClickException, context: click.Context | None) -> str:
    if isinstance(error, click.NoSuchOption):
        return _no_option(error, context)
    if isinstance(error, click.MissingParameter) and error.param is not None:
        return f"{_name_of(error.param)} is missing{_choices(error.param.type)}"
    text = error.message.removesuffix(".")
    if isinstance(error, click.BadParameter) and error.param is not None:
        return f"{_name_of(error.param)}: {_bad_value(text, error.param.type)}"
    if (
        (match := _NO_COMMAND.fullmatch(error.message))
        and context is not None
        and isinstance(context.command, click.Group)
    ):
        return _suggested(
            f"there is no command {match['given']!r}", match["given"], context.command.list_commands(context)
        )
    if match := _EXTRA.fullmatch(text):
        return f"there is no argument to be given here as {match['given']!r}: leave it out"
    if match := _NO_VALUE.fullmatch(text):
        return f"{match['given']} needs a value after it"
    return text


def _no_option(error: click.NoSuchOption, context: click.Context | None) -> str:
    parameters = context.command.get_params(context) if context is not None else []
    known = [name for one in parameters if isinstance(one, click.Option) for name in one.opts + one.secondary_opts]
    return _suggested(f"there is no option {error.option_name}", error.option_name, known)


def _suggested(problem: str, given: str, known: list[str]) -> str:
    suggestion = did_you_mean(given, known)
    return f"{problem}: {suggestion}" if suggestion else problem


def _name_of(parameter: click.Parameter) -> str:
    """An option's long name, an argument's name as the help has it."""
    if isinstance(parameter, click.Option):
        return max(parameter.opts, key=len)
    return (parameter.metavar or (parameter.name or "").upper()).strip("[]").removesuffix("...")


def _choices(kind: click.ParamType) -> str:
    return f": {or_list('', map(str, kind.choices))}" if isinstance(kind, click.Choice) else ""


def _bad_value(text: str, kind: click.ParamType) -> str:
    for pattern, words in _WORDS.items():
        if match := pattern.match(text):
            return words(match["given"], kind)
    return text


def _no_choice(given: str, kind: click.ParamType) -> str:
    return f"{given!r} can't be used: {or_list(given, map(str, getattr(kind, 'choices', ())))}"


def _no_number(given: str, kind: click.ParamType) -> str:
    whole = isinstance(kind, click.IntRange)
    return f"{given!r} is no number: give {'a whole number' if whole else 'a number'}{_range(kind)}"


def _out_of_range(given: str, kind: click.ParamType) -> str:
    return f"{given} can't be used: give a number{_range(kind)}"


def _range(kind: click.ParamType) -> str:
    low, high = getattr(kind, "min", None), getattr(kind, "max", None)
    least = "" if low is None else f"above {low:g}" if getattr(kind, "min_open", False) else f"from {low:g}"
    most = "" if high is None else f"up to {high:g}" if least else f"of at most {high:g}"
    return "".join(f" {part}" for part in (least, most or ("on" if least.startswith("from") else "")) if part)


def _is_folder(given: str, _kind: click.ParamType) -> str:
    return f"{given} is a folder: name a file"


_WORDS: dict[re.Pattern[str], Callable[[str, click.ParamType], str]] = {
    _NOT_A_CHOICE: _no_choice,
    _NOT_A_NUMBER: _no_number,
    _OUT_OF_RANGE: _out_of_range,
    _FOLDER: _is_folder,
}
