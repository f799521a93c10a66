"""Partitions that go from one worker to another at a bad moment, or with much behind them."""

from __future__ import annotations

import re
import signal
import time

from tests.faults.ground import Figures, Ground
from tests.faults.stream import made
from tests.pipeline.mail import BEGIN_MS, MISTAKES

STALLS = ("-m", "tests.pipeline.stalling_worker")
RESTORED = re.compile(r"state restored in ([\d.]+) s")
MAILS_EACH = 50
HALF_A_DAY_MS = 43_200_000


def stale_batches(ground: Ground) -> Figures:
    """A worker's fetches are delayed while another one joins, so that it gets batches of revoked partitions: it
    drops them."""
    one = ground.add_worker((*STALLS, str(ground.cue)))
    one.wait_ready()
    stream = ground.stream()
    times = max(1, ground.size.times // 5)
    for _ in range(times):
        ground.cue.touch()
        time.sleep(ground.size.seconds / 6)
        ground.add_workers(1)
        ground.cue.unlink()
        time.sleep(1)
        ground.look()
        ground.end_worker(ground.workers[-1], signal.SIGTERM)
    stream.join()
    thrown = one.metric("straymail_stale_batches_total")
    assert thrown > 0, "no batch was stale"
    return {"joins": times, "stale batches": int(thrown)} | ground.finish()


def large_state(ground: Ground) -> Figures:
    """The state of a million hits, all of it restored by one worker."""
    many, senders, names = ground.size.many, ground.size.many // MAILS_EACH, list(MISTAKES)
    events = (
        {
            "id": f"e{at}",
            "message_id": f"<{at}@mod.gov.uk>",
            "time": BEGIN_MS + HALF_A_DAY_MS * at // many,
            "sender": f"u{at % senders}@mod.gov.uk",
            "recipients": [f"r{at}@{names[at // senders % len(names)]}"],
        }
        for at in range(many)
    )
    ground.add_workers(1)
    begin = time.monotonic()
    ground.send(made(events, seed=ground.seed, bad=0.0), count=many).join()
    ground.wait_committed()
    counted = time.monotonic() - begin
    counting_mb = ground.peak_mb()
    ground.end_worker(ground.workers[0], signal.SIGTERM)
    ground.add_workers(1)
    seconds = RESTORED.findall(ground.workers[0].log)[-1]
    figures = {"hits/s counted": round(many / counted), "seconds to load": float(seconds), "counting MB": counting_mb}
    return figures | {"loaded MB": ground.peak_mb()} | ground.finish()
