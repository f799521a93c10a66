"""How many connections the limit of open files leaves room for."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(("limit", "wanted", "room"), [(1024, 200, 200), (1024, 900, 512), (64, 900, 16)])
def test_connections_stay_below_the_limit_of_open_files(limit: int, wanted: int, room: int) -> None:
    program = f"from streams.http.open_files import connection_limit as c; print(c({wanted}))"
    shell = ["sh", "-c", f'ulimit -n {limit}; exec "$0" "$@"', sys.executable, "-c", program]
    assert subprocess.run(shell, capture_output=True, text=True, check=True, timeout=30).stdout == f"{room}\n"


def test_the_soft_limit_is_raised_to_the_hard_one() -> None:
    program = (
        "import resource as r; from streams.http.open_files import connection_limit; connection_limit(1); "
        "soft, hard = r.getrlimit(r.RLIMIT_NOFILE); print(soft == hard)"
    )
    shell = ["sh", "-c", 'ulimit -Sn 256; exec "$0" "$@"', sys.executable, "-c", program]
    assert subprocess.run(shell, capture_output=True, text=True, check=True, timeout=30).stdout == "True\n"


@pytest.mark.parametrize(("limit", "connections", "waiting"), [(1024, 200, 206), (1024, 512, 128), (20_000, 700, 1024)])
def test_no_more_wait_than_may_be_accepted_at_once(limit: int, connections: int, waiting: int) -> None:
    program = f"from streams.http.open_files import backlog; print(backlog({connections}))"
    shell = ["sh", "-c", f'ulimit -n {limit}; exec "$0" "$@"', sys.executable, "-c", program]
    assert subprocess.run(shell, capture_output=True, text=True, check=True, timeout=30).stdout == f"{waiting}\n"
