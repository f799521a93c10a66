"""What `check` reports of a gate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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
    for name in ("reply", "token_file"):
        [(level, what)] = lines(milter="127.0.0.1:10029", **{name: none})
        assert (level, f"gate.{name}" in what) == ("error", True)
