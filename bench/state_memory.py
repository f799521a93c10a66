"""The memory of one partition's state: python -m bench.state_memory [HITS] [SENDERS]

Prints JSON lines: records and alerts, CPU seconds for counting and for loading the state again, and the growth of
resident memory. The loaded state reuses memory that counting left free, so the first memory figure is the one to use.
"""

import hashlib
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from streams.events.hit import TypoHit
from streams.findings.log.records import Record
from streams.findings.settings import FindingsSettings
from streams.findings.state import PartitionState
from streams.findings.store.digests import Digests

MONDAY_MS = 1_782_691_200_000
DAY_MS = 86_400_000
BATCH = 2_000
DOMAINS = [f"{name}{number or ''}.ml" for name in ("army", "navy", "mail", "us.af") for number in range(50)]


def resident_mb() -> float:
    """Resident memory of this process, in MB (Linux)."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def hit(number: int, sender: int, chance: random.Random) -> TypoHit:
    """A hit at a random time of one day."""
    address = f"first.last{sender}@unit{sender % 97}.mod.gov.uk"
    domain = DOMAINS[sender % len(DOMAINS)] if chance.random() < 0.8 else chance.choice(DOMAINS)
    return TypoHit(
        id=f"{number:032x}",
        event_id=f"event-{number}",
        message_id=f"<{number}@{sender % 97}.mod.gov.uk>",
        time=MONDAY_MS + chance.randrange(DAY_MS),
        sender=address,
        sender_digest=hashlib.blake2b(address.encode(), digest_size=16).hexdigest(),
        domain=domain,
        intended=f"{domain}il",
        recipients=[f"someone{number % 1_000}@{domain}"],
        recipient_count=1,
        score=0.99,
        certain=True,
        slip="suffix-omission",
        explanation=f"{domain} is {domain}il with a letter of its suffix left out, and is listed as a known mistake",
        delivery="delivered",
        listed=True,
    )


def written(log: Path) -> Iterator[Record]:
    """The state records in the log file, in order."""
    with log.open("rb") as stream:
        while size := stream.read(6):
            key = stream.read(int.from_bytes(size[:2]))
            yield key, stream.read(int.from_bytes(size[2:])) or None


def count(state: PartitionState, hits: int, senders: int, log: Path) -> dict[str, int]:
    """Count hits in one window and write the state records to the log file; the numbers of records and alerts."""
    chance, figures = random.Random(1), Counter[str]()
    with log.open("wb") as stream:
        for first in range(0, hits, BATCH):
            batch = [hit(number, chance.randrange(senders), chance) for number in range(first, first + BATCH)]
            for outcome in state.apply(batch, first_offset=first, last_offset=first + BATCH - 1):
                figures.update(records=len(outcome.records), alerts=len(outcome.alerts))
                for key, value in outcome.records:
                    stream.write(len(key).to_bytes(2) + len(value or b"").to_bytes(4) + key + (value or b""))
    return figures


def main(hits: int, senders: int) -> None:
    """Count hits, load the records into a second state, and print the time and memory of both."""
    policy, digests = FindingsSettings().policy(), Digests(b"bench")
    empty_mb, began = resident_mb(), time.process_time()
    state = PartitionState(policy, digests, "sender")
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "state"
        print(json.dumps({"hits": hits, "senders": senders, **count(state, hits, senders, log)}))
        print(json.dumps({"counting_s": round(time.process_time() - began, 1), "log_mb": log.stat().st_size >> 20}))
        counted_mb, began = resident_mb(), time.process_time()
        print(json.dumps({"state_mb": round(counted_mb - empty_mb)}))
        loaded = PartitionState.load(policy, digests, "sender", written(log), hits)
        print(json.dumps({"load_s": round(time.process_time() - began, 1)}))
        print(json.dumps({"loaded_state_mb": round(resident_mb() - counted_mb), "open": loaded.findings_open()}))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:] or (1_000_000, 200_000)))
