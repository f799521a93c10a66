"""What `check` reports of a gate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from streams.cli.check.gate import gate_lines
from streams.config import load_settings


def lines(**gate: Any) -> list[tuple[str, str]]:
    return [(line.level, line.what) for line in gate_lines(load_settings(overrides={"gate": gate}))]


def test_without_a_gate_there_is_no_line() -> None:
    assert lines() == []


def test_what_it_would_do() -> None:
    assert lines(policy="127.0.0.1:10028", http="127.0.0.1:10030", certain="confirm", store="file:/var/lib/gate") == [
        (
            "ok",
            "asked over policy and http; listed slips: audit, certain slips: confirm, doubtful slips: audit; "
            "decisions are kept in /var/lib/gate",
        )
    ]


def test_what_it_cannot_start_with(tmp_path: Path) -> None:
    none = tmp_path / "none"
    for name in ("reply", "token_file"):  # whose errors name a file
        [(level, what)] = lines(milter="127.0.0.1:10029", **{name: none})
        assert (level, f"gate.{name}" in what) == ("error", True)


@pytest.mark.parametrize(
    ("gate", "says"),
    [
        ({"http": "0.0.0.0:10030"}, "gate.http is 0.0.0.0:10030, where others can reach it: set gate.token"),
        ({"policy": "nosuch.invalid:1"}, "can't listen on nosuch.invalid:1 ("),
        ({"policy": "192.0.2.1:1"}, "can't listen on 192.0.2.1:1 (Cannot assign requested address): set gate.policy"),
        ({"milter": "unix:/nosuch/milter"}, "can't listen on unix:/nosuch/milter (No such file or directory)"),
        ({"policy": "unix:gate", "socket_group": "nosuch"}, "can't listen on unix:gate ("),
        ({"policy": "127.0.0.1:1", "store": "file:/nosuch/gate"}, "gate.store: there is no folder /nosuch: make it"),
    ],
)
def test_addresses_and_files_that_it_cannot_use(gate: dict[str, str], says: str) -> None:
    [(level, what)] = lines(**gate)
    assert (level, what[: len(says)]) == ("error", says)
