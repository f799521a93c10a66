"""Checks what a gate needs to start."""

from __future__ import annotations

from collections.abc import Iterator

from streams.cli.shared.check_lines import CheckLine
from streams.config import Settings
from streams.errors import ConfigurationError


def gate_lines(settings: Settings) -> Iterator[CheckLine]:
    """Whether a gate could start by these settings, and what it would do; no line where it has no address to listen
    on."""
    own = settings.gate
    protocols = [name for name in ("policy", "milter", "http") if getattr(own, name) is not None]
    if not protocols:
        return
    try:
        rules = settings.gate_inputs().rules()
        own.http_token()
    except ConfigurationError as error:
        yield CheckLine("error", "gate", str(error))
        return
    modes = ", ".join(f"{certainty} slips: {mode}" for certainty, mode in rules.policy.modes.items())
    where = "mail.gate" if own.file is None else str(own.file)
    yield CheckLine("ok", "gate", f"asked over {' and '.join(protocols)}; {modes}; decisions are kept in {where}")
