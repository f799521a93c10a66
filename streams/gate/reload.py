"""Takes changed settings while a gate runs, and names those that need a restart."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

from streams.errors import StraymailError
from streams.gate.inputs import GateInputs
from streams.gate.listeners.http import usable_token
from streams.gate.process import GateProcess
from streams.gate.settings import GateSettings

log = logging.getLogger(__name__)

TAKEN = frozenset(
    {"mode", "listed", "certain", "doubtful", "automatic", "wait", "deadline", "reply", "token", "token_file"}
)
"""The settings of the gate's own that a reload changes, besides `own_domains` and `own_networks`."""


def reload(process: GateProcess, read_again: Callable[[], GateInputs]) -> None:
    """Take the rules and the token of changed settings; invalid ones are refused, and the old ones stay in use."""
    old = process.inputs
    try:
        new = read_again()
        rules, token = new.rules(), usable_token(new.own, old.own.http)
    except StraymailError as error:
        log.error("the new settings are refused and the old ones stay in use: %s", error)
        return
    process.gate.use(rules)
    process.token = token
    names = ", ".join(needing_restart(old, new))
    log.info("the new settings are in use%s", f", except these, which need a restart: {names}" if names else "")


def needing_restart(old: GateInputs, new: GateInputs) -> Iterator[str]:
    """The names of the settings that differ and that a reload doesn't change."""
    own = (name for name in GateSettings.model_fields if name not in TAKEN)
    yield from (f"gate.{name}" for name in own if getattr(old.own, name) != getattr(new.own, name))
    for name in ("watchlist", "scorer", "privacy"):
        if getattr(old, name) != getattr(new, name):
            yield name
    yield from (name for name, value in new.others.items() if old.others.get(name) != value)
    if (old.memory is None) != (new.memory is None) and not (old.own.file or new.own.file):
        yield "own_domains (for the memory)"
