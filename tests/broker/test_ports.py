"""Ports that a broker keeps while it is down."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.broker import ports


def test_a_kept_port_is_given_to_no_other_call_in_any_process(monkeypatch: pytest.MonkeyPatch) -> None:
    (kept,) = ports.free_ports(1, keep=True)
    monkeypatch.setattr(ports, "BELOW_OUTGOING", [kept] * 201)
    with pytest.raises(OSError, match="found only 0 of 1 free ports"):
        ports.free_ports(1)
    asked = f"from tests.broker import ports; ports.BELOW_OUTGOING = [{kept}] * 201; print(ports.free_ports(1))"
    other = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=False)
    assert "found only 0 of 1 free ports" in other.stderr


def test_a_port_that_is_not_kept_may_be_given_again(monkeypatch: pytest.MonkeyPatch) -> None:
    (port,) = ports.free_ports(1)
    monkeypatch.setattr(ports, "BELOW_OUTGOING", [port] * 201)
    assert ports.free_ports(1) == ports.free_ports(1) == [port]
