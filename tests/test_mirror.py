"""Tests mirror the package: the tests of `streams/findings/windows.py` are in `tests/findings/test_windows.py`."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE, TESTS = ROOT / "streams", ROOT / "tests"

COMMANDS = ("cli/*/__init__.py", "cli/console.py", "cli/worker.py")
"""How click declares the commands: `cli/test_root.py` looks at each, the tests of what they run call them."""

BY_OTHERS = {
    "backtest/charts.py": "backtest/test_report.py",
    "backtest/count.py": "backtest/test_run.py",
    "backtest/score.py": "backtest/test_run.py",
    "cli/__init__.py": "cli/test_root.py",
    "cli/import_/plan.py": "cli/import_/test_run.py",
    "cli/import_/sinks.py": "cli/import_/test_run.py",
    "cli/report/run.py": "cli/test_on_apache.py",
    "cli/shared/differences.py": "cli/watchlist/test_diff.py",
    "cli/shared/problems.py": "cli/publish/test_run.py",
    "cli/shared/sources.py": "cli/import_/test_run.py",
    "cli/shared/topics.py": "cli/hits/test_run.py",
    "cli/shared/usage_errors.py": "cli/test_wrong_calls.py",
    "domains/settings.py": "test_config.py",
    "domains/watchlist/default_groups.py": "domains/test_stakes.py",
    "domains/watchlist/entry_error.py": "domains/watchlist/test_watchlist.py",
    "errors.py": "cli/test_root.py",
    "gate/inputs.py": "gate/test_gate.py",
    "gate/settle.py": "gate/test_gate.py",
    "sources/defender.py": "sources/test_exports.py",
    "sources/exchange.py": "sources/test_exports.py",
    "sources/google.py": "sources/test_exports.py",
    "sources/joined_log.py": "sources/test_postfix.py",
    "sources/m365.py": "sources/test_exports.py",
}
"""What the tests of its callers go through, statement by statement, without a process of its own."""

IN_A_PROCESS = {
    "cli/demo/child_process.py": "cli/demo/test_run.py",
    "cli/demo/summary.py": "cli/demo/test_run.py",
    "cli/demo/watch.py": "cli/demo/test_run.py",
    "cli/gate/run.py": "gate/test_run.py",
    "cli/import_/from_topic.py": "cli/import_/test_run.py",
    "cli/import_/finish.py": "cli/import_/test_run.py",
    "cli/import_/follow.py": "cli/import_/test_run.py",
    "cli/notify/channels.py": "notify/channels/test_command.py",
    "cli/notify/run.py": "notify/test_command.py",
    "cli/shared/progress.py": "cli/test_terminal.py",
    "console/server.py": "console/test_command.py",
    "gate/process.py": "gate/test_run.py",
    "worker/pipeline.py": "pipeline/test_worker.py",
}
"""What only whole commands run, in processes of their own."""

ELSEWHERE = BY_OTHERS | IN_A_PROCESS


def has_logic(module: Path) -> bool:
    """Whether a function in it has more than one statement."""
    return any(
        len(node.body) - (ast.get_docstring(node) is not None) > 1
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def without_namesake() -> set[str]:
    """The modules with logic that have no test of their name, commands aside."""
    names = [path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py") if has_logic(path)]
    commands = {path.relative_to(PACKAGE) for pattern in COMMANDS for path in PACKAGE.glob(pattern)}
    missing = [name for name in names if not (TESTS / name.parent / f"test_{name.name}").exists()]
    return {str(name) for name in missing if name not in commands}


def test_a_module_has_a_test_of_its_name_or_stands_in_a_list() -> None:
    missing = without_namesake() - ELSEWHERE.keys()
    assert not missing, "write a test of the same name, or list the test that covers it"


def test_no_list_is_longer_than_it_needs_to_be() -> None:
    stale = ELSEWHERE.keys() - without_namesake()
    assert not stale, "take it out of the list"
    assert BY_OTHERS.keys() & IN_A_PROCESS.keys() == set()


def test_the_tests_elsewhere_are_there() -> None:
    assert [test for test in ELSEWHERE.values() if not (TESTS / test).exists()] == []
