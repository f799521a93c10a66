"""`python -m tests.faults`: runs every scenario in full size, prints its figures and writes build/faults.json."""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import sys
import tempfile
import traceback
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path

from tests.broker.apache import ApacheKafka
from tests.faults.harness import FULL, SHORT, Figures, Size
from tests.faults.scenarios import NAMES, description, run_scenarios

OUT = Path("build/faults.json")


def main() -> int:
    """Run the scenarios; the exit code is 0 where the delivery guarantees held in all of them, else 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], help="scenarios; default: all")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6), help="repeats a run")
    parser.add_argument("--short", action="store_true", help="with 10,000 events a scenario")
    parser.add_argument(
        "--at-once", type=int, choices=range(1, 9), default=2, help="scenarios that run at a time; default: 2"
    )
    arguments = parser.parse_args()
    size = SHORT if arguments.short else FULL
    names, seed, at_once = arguments.names or NAMES, arguments.seed, arguments.at_once
    print(f"seed {seed}, {size.records:,} events a scenario, {at_once} at once", flush=True)
    with tempfile.TemporaryDirectory() as folder, ApacheKafka() as kafka:
        running = run_scenarios(names, Path(folder), seed=seed, size=size, shared=kafka, at_once=at_once)
        with running as futures:
            results = {name: _result(name, figures) for name, figures in futures.items()}
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps({"about": _about(seed, size, at_once), "scenarios": results}, indent=2) + "\n")
    failed = [name for name, result in results.items() if not result["passed"]]
    print(f"{len(results) - len(failed)} of {len(results)} passed; figures in {OUT}")
    return 1 if failed else 0


def _result(name: str, scenario: Future[Figures]) -> Figures:
    """The figures of a scenario. Any exception is its failure, and the other scenarios still run."""
    print(f"\n== {name}: {description(name)}", flush=True)
    try:
        figures = scenario.result()
    except Exception as error:
        traceback.print_exc()
        print(f"   FAILED: {error}", flush=True)
        return {"passed": False, "what": description(name), "failure": str(error)[:2000]}
    print("   " + ", ".join(f"{name} {value}" for name, value in figures.items()), flush=True)
    return {"passed": True, "what": description(name), **figures}


def _about(seed: int, size: Size, at_once: int) -> Figures:
    return {
        "seed": seed,
        "events": size.records,
        "at_once": at_once,
        "date": datetime.now(UTC).date().isoformat(),
        "cpus": os.cpu_count(),
        "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
        "machine": platform.platform(),
        "python": platform.python_version(),
    }


if __name__ == "__main__":
    sys.exit(main())
