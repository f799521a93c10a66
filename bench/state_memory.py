"""What the state of one partition weighs: python bench/state_memory.py [HITS] [SENDERS]

Prints one JSON object: resident memory before and after, records and alerts, and how long the counting and a load took.
"""

import hashlib
import json
import random
import sys
import time
from pathlib import Path

from streams.events.hit import TypoHit
from streams.findings.digests import Digests
from streams.findings.settings import FindingsSettings
from streams.findings.state import PartitionState

MONDAY_MS = 1_782_691_200_000
DAY_MS = 86_400_000
BATCH = 2_000


def resident_mb() -> float:
    """Resident memory of this process, in MB (Linux)."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def hit(number: int, sender: int, chance: random.Random) -> TypoHit:
    """One mail of a day."""
    address = f"first.last{sender}@unit{sender % 97}.mod.gov.uk"
    domain = f"{chance.choice(('army', 'navy', 'mail', 'us.af'))}.ml"
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


def main(hits: int, senders: int) -> None:
    """Count so many hits of so many senders in one window, then load the state from its records."""
    chance = random.Random(1)
    policy, digests = FindingsSettings().policy(), Digests(b"bench")
    state = PartitionState(policy, digests, "sender")
    before_mb, began, topic, alerts = resident_mb(), time.perf_counter(), Path("/dev/shm/state_memory.bin"), 0  # noqa: S108
    records = 0
    with topic.open("wb") as log:
        for first in range(0, hits, BATCH):
            batch = [hit(number, chance.randrange(senders), chance) for number in range(first, first + BATCH)]
            for outcome in state.apply(batch, first_offset=first, last_offset=first + BATCH - 1):
                alerts += len(outcome.alerts)
                records += len(outcome.records)
                for key, value in outcome.records:
                    log.write(len(key).to_bytes(2) + key + len(value or b"").to_bytes(4) + (value or b""))
    print(json.dumps({"seconds": round(time.perf_counter() - began, 1), "records": records, "alerts": alerts}))
    print(json.dumps({"state_mb": round(resident_mb() - before_mb), "log_mb": round(topic.stat().st_size / 1e6)}))
    topic.unlink()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:] or (1_000_000, 200_000)))
