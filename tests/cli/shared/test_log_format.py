"""Log lines: no text breaks a line, and no text of an unexpected error is logged unless somebody debugs."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable

import pytest
from hypothesis import given

from streams.cli.shared.log_format import SafeFormatter
from tests.hostile import texts, unsafe_in

ADDRESS, DOMAIN = "ann@mod.gov.uk\n2026-01-01 INFO forged", "army.ml\x1b[2J"


def logged(call: Callable[[logging.Logger], None], *, name: str = "streams.test", whole: bool = False) -> str:
    """What the call logs, at every level."""
    logger, file = logging.Logger(name), io.StringIO()
    handler = logging.StreamHandler(file)
    handler.setFormatter(SafeFormatter(whole=whole))
    logger.addHandler(handler)
    call(logger)
    return file.getvalue()


def failing(logger: logging.Logger) -> None:
    """Log an error whose text and cause quote a mail."""
    try:
        try:
            raise KeyError(ADDRESS)
        except KeyError as error:
            raise ValueError(DOMAIN) from error
    except ValueError as error:
        logger.error("Crashed reason=%r", error, exc_info=True)


@given(texts)
def test_a_message_is_one_line(text: str) -> None:
    shown = logged(lambda logger: logger.warning("problem: %s", text))
    assert shown.count("\n") == 1
    assert unsafe_in(shown, "\n") == set()


@pytest.mark.parametrize("name", ["mode.services", "faust.app"])
def test_an_unexpected_error_has_its_type_and_place_but_not_its_text(name: str) -> None:
    shown = logged(failing, name=name)
    assert "Crashed reason='ValueError'" in shown
    assert "KeyError at" in shown
    assert "in failing" in shown
    assert not [
        secret for secret in ("ann@", "army.ml\\u", "2026-01-01 INFO") if f"{secret}" in shown.split("raise")[0]
    ]
    assert all(line.startswith("    ") for line in shown.splitlines()[1:])


def test_debugging_shows_the_text_on_indented_lines() -> None:
    shown = logged(failing, whole=True)
    assert "army.ml\\u{1b}[2J" in shown
    assert "ann@mod.gov.uk" in shown
    assert all(line.startswith("    ") for line in shown.splitlines()[1:])
