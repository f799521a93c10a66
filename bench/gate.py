"""What a gate takes: `make bench-gate`.

- Questions per second of Postfix's policy protocol that one process answers on one core, and its CPU per question, in
  turn with a server that passes everything unread.
- The time of an answer at 1,000 questions per second, and while a watchlist of 20,000 names is loaded again and again.
- Memory after that, with 10,000 idle connections, and, with decisions and memory in a real Kafka, with a million
  persons.

The gate has core 0 for itself, and what asks has core 1.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import orjson

from bench.cluster import cluster, published
from bench.figures import machine, save, spread
from bench.first_sight import watchlist
from bench.memory_restore import write
from bench.memory_worker import KEY
from bench.policy_client import questions
from bench.process import cpu_seconds, resident_mb
from bench.threads import in_thread
from tests.broker.ports import free_ports
from tests.pipeline.worker import WorkerProcess, wait_until

GATE_CORE, CLIENT_CORE = 0, 1
WATCHED = 20_000
RATE, RELOAD_SECONDS = 1_000, 3.0
IDLE = 10_000
Measured = Mapping[str, float]


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Processes that are started in this block run on one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def gate(folder: Path, **settings: str) -> Iterator[tuple[WorkerProcess, int]]:
    """A gate that is ready, and its policy port."""
    policy, pages = free_ports(2)
    own = {
        "WATCHLIST": str(folder / "watchlist.yaml"),
        "OWN_DOMAINS": "mod.gov.uk",
        "GATE_MODE": "confirm",
        "GATE_STORE": f"file:{folder / 'decisions'}",
        "GATE_POLICY": f"127.0.0.1:{policy}",
        "GATE_PORT": str(pages),
    }
    process = WorkerProcess(own | settings, program=("-m", "streams", "gate"))
    process.port = pages
    with ExitStack() as stack:
        with on_core(GATE_CORE):
            stack.enter_context(process)
        process.wait_ready()
        yield process, policy


@contextmanager
def dunno() -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The server that passes everything, and its port."""
    (port,) = free_ports(1)
    with on_core(GATE_CORE):
        process = subprocess.Popen([sys.executable, "-m", "bench.peers.dunno", str(port)])
    try:
        wait_until(lambda: _answers(port), seconds=10, what="the peer listens")
        yield process, port
    finally:
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def ask(port: int, pid: int, *arguments: str) -> dict[str, float]:
    """Ask a server; what the client measured, and the server's CPU per answer."""
    before = cpu_seconds(pid)
    command = [sys.executable, "-m", "bench.policy_client", str(port), *arguments]
    with on_core(CLIENT_CORE):
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    found: dict[str, float] = orjson.loads(done.stdout)
    if found["lost"]:
        raise SystemExit(f"connections were lost: {found['lost']:g}")
    return found | {"cpu_us": (cpu_seconds(pid) - before) / (found["passed"] + found["refused"]) * 1e6}


def keep_changing(path: Path, stop: threading.Event) -> None:
    """Change the watchlist every few seconds."""
    text, number = path.read_text(), 0
    while not stop.wait(RELOAD_SECONDS):
        number += 1
        path.write_text(f"{text}\n# {number}\n")


def idle_kb(process: WorkerProcess, port: int) -> float:
    """Resident memory that one idle connection adds; each has asked once before, as Postfix's do."""
    before, connections, (text,) = resident_mb(process.pid), list[socket.socket](), questions(1, slips=0)
    try:
        for _ in range(IDLE):
            connections.append(connection := socket.create_connection(("127.0.0.1", port), timeout=10))
            connection.sendall(text)
            if not connection.recv(100).startswith(b"action=DUNNO"):
                raise SystemExit(f"no answer on connection {len(connections):,}")
        return (resident_mb(process.pid) - before) / IDLE * 1024
    finally:
        for connection in connections:
            connection.close()


def throughput(folder: Path, pairs: int) -> dict[str, list[Measured]]:
    """Gate and peer in turn."""
    found: dict[str, list[Measured]] = {"gate": [], "DUNNO alone": []}
    with gate(folder) as (process, port), dunno() as (peer, peer_port):
        targets: Mapping[str, Callable[[], Measured]] = {
            "gate": lambda: ask(port, process.pid),
            "DUNNO alone": lambda: ask(peer_port, peer.pid),
        }
        for _ in range(pairs):
            for name, measured in targets.items():
                found[name].append(measured())
                print(f"{name}: {found[name][-1]}", file=sys.stderr, flush=True)
    return found


def latency(folder: Path, seconds: int) -> tuple[dict[str, Measured], dict[str, float]]:
    """Answers at a rate, alone and while the watchlist changes; and memory."""
    at_rate = ("--rate", str(RATE), "--seconds", str(seconds))
    with gate(folder) as (process, port):
        alone = ask(port, process.pid, *at_rate)
        with in_thread(keep_changing, folder / "watchlist.yaml"):
            reloading = ask(port, process.pid, *at_rate)
        reloads = process.metric("straymail_watchlist_reloads_total", result="success")
        memory = {"resident_mb": resident_mb(process.pid), "idle_kb": idle_kb(process, port), "reloads": reloads}
    return {"alone": alone, "while the watchlist is loaded": reloading}, memory


def with_memory(folder: Path, persons: int) -> float:
    """Resident memory with everything in Kafka, and some persons remembered."""
    with cluster() as (kafka, _):
        stream = published(kafka, folder, iter(()), prefix="gate.")
        write(stream, persons)
        kafka_settings = {
            "BROKERS": stream.settings.brokers,
            "TOPIC_PREFIX": stream.settings.topic_prefix,
            "GATE_STORE": "kafka",
            "PRIVACY_KEY": KEY,
        }
        with gate(folder, **kafka_settings) as (process, port):
            ask(port, process.pid)
            return resident_mb(process.pid)


def rows(found: Mapping[str, Sequence[Measured]]) -> Iterator[str]:
    """The table of the throughput."""
    yield "| server | answers/s | CPU us/answer |"
    yield "|---|---|---|"
    for name, runs in found.items():
        answers, cpu = [one["answers_per_second"] for one in runs], [one["cpu_us"] for one in runs]
        yield f"| {name} | {spread(answers)} | {spread(cpu, 1)} |"
    pairs = list(zip(found["gate"], found["DUNNO alone"], strict=True))
    for label, key in (("answers/s", "answers_per_second"), ("CPU per answer", "cpu_us")):
        yield f"\ngate compared with DUNNO alone, {label}: {spread([one[key] / other[key] for one, other in pairs], 2)}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--persons", type=int, default=1_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="straymail-bench-") as name:
        folder = Path(name)
        (folder / "watchlist.yaml").write_text(watchlist(WATCHED))
        speed = throughput(folder, options.pairs)
        answers, memory = latency(folder, options.seconds)
        full_mb = with_memory(folder, options.persons)
    print(f"{WATCHED:,} watched domains; {machine()}\n")
    print("\n".join(rows(speed)))
    print(f"\n| {RATE:,} questions/s | median ms | p99 ms | most ms |\n|---|---|---|---|")
    for what, found in answers.items():
        print(f"| {what} | {found['median_ms']:.2f} | {found['p99_ms']:.2f} | {found['most_ms']:.1f} |")
    print(f"\nthe watchlist was loaded {memory['reloads']:g} times")
    print(f"memory: {memory['resident_mb']:.0f} MB without persons, {full_mb:.0f} MB with {options.persons:,} in Kafka")
    print(f"an idle connection: {memory['idle_kb']:.1f} kB, of {IDLE:,}")
    save("gate", {"throughput": speed, "latency": answers, "memory": {**memory, "full_mb": full_mb}})


if __name__ == "__main__":
    main()
