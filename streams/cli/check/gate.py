"""Checks what a gate needs to start."""

from __future__ import annotations

from collections.abc import Iterator

from streams.cli.shared.check_lines import CheckLine
from streams.config import Settings
from streams.errors import ConfigurationError, StraymailError
from streams.gate.listeners.http import usable_token
from streams.gate.listeners.listening import endpoints, naming
from streams.gate.settings import GateSettings


def gate_lines(settings: Settings) -> Iterator[CheckLine]:
    """Whether a gate could start by these settings, and what it would do; no line where it has no address to listen
    on."""
    own = settings.gate
    used = endpoints(own)
    if not used:
        return
    try:
        rules = settings.gate_inputs().rules()
        usable_token(own, own.http)
        for protocol, endpoint in used.items():
            with naming(protocol, endpoint):
                endpoint.check(own.socket_group)
        _check_store(own)
    except StraymailError as error:
        yield CheckLine("error", "gate", str(error))
        return
    modes = ", ".join(f"{certainty} slips: {mode}" for certainty, mode in rules.policy.modes.items())
    where = "mail.gate" if own.file is None else str(own.file)
    yield CheckLine("ok", "gate", f"asked over {' and '.join(used)}; {modes}; decisions are kept in {where}")


def _check_store(own: GateSettings) -> None:
    """A gate with a file that it can't open lets all mail pass, and tries again."""
    if own.file is not None and not (folder := own.file.absolute().parent).is_dir():
        raise ConfigurationError(f"gate.store: there is no folder {folder}: make it, or name another file")
