"""Starts a gate by the settings and the command's options."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from streams.cli.shared.log_format import log_to_stderr
from streams.cli.worker import warn_of_secrets
from streams.config import load_settings
from streams.early_stop import stop_at_once_on_signals
from streams.errors import UsageError
from streams.gate.run import run_gate
from streams.kafka.malloc import bound_malloc


def run(config: Path | None, addresses: Mapping[str, str]) -> None:
    """Run the gate until a signal, and end the process. `addresses` are those of the listeners by protocol, which
    override the settings'."""
    stop_at_once_on_signals()
    overrides = {"gate": dict(addresses)} if addresses else None
    settings = load_settings(config, overrides)
    if not (settings.gate.policy or settings.gate.milter or settings.gate.http):
        raise UsageError("no address to listen on: give --policy, --milter or --http, or set gate.policy and so on")
    log_to_stderr(settings.log_level)
    bound_malloc()
    warn_of_secrets(settings)
    run_gate(settings.gate_inputs(), lambda: load_settings(config, overrides).gate_inputs())
