"""The cost of decoding a mail event, compared with parsing it without checks: python -m bench.decode"""

import hashlib
import random
import statistics
import time
from collections.abc import Callable

import msgspec
import orjson

from streams.events import mail

EVENTS = 5_000
RUNS = 15
NOW_MS = 1_700_000_000_000


def sample(number: int, rng: random.Random) -> bytes:
    recipients = [
        f"u{rng.randrange(100_000)}@partner{rng.randrange(5_000)}.example.com"
        for _ in range(rng.choice((1, 1, 1, 2, 3)))
    ]
    return orjson.dumps(
        {
            "id": f"<{number}.{hashlib.sha256(str(number).encode()).hexdigest()[:32]}@mod.example>",
            "time": f"2023-07-17T08:{number // 60_000 % 60:02}:{number // 1_000 % 60:02}.{number % 1_000:03}Z",
            "sender": f"user{rng.randrange(20_000)}@mod.example",
            "recipients": recipients,
            "subject": f"Routine movement order and itinerary for visiting party {number}",
            "size": rng.randrange(2_000, 900_000),
            "source": "postfix",
            "direction": "outbound",
            "attachments": [{"name": "itinerary.pdf", "size": 123_456}],
        }
    )


def microseconds(read: Callable[[bytes], object], values: list[bytes]) -> float:
    """CPU time per event, in one run over all values."""
    started = time.process_time()
    for value in values:
        read(value)
    return (time.process_time() - started) / len(values) * 1e6


def main() -> None:
    rng = random.Random(7)
    values = [sample(number, rng) for number in range(EVENTS)]
    ours: list[float] = []
    step: list[float] = []
    plain: list[float] = []
    for _ in range(RUNS):  # in turns, so that a busy moment of the machine affects all
        ours.append(microseconds(lambda value: mail.decode(value, now_ms=NOW_MS), values))
        step.append(microseconds(msgspec.json.Decoder(mail.MailEvent).decode, values))
        plain.append(microseconds(orjson.loads, values))
    print(f"{EVENTS} events, {sum(map(len, values)) // EVENTS} bytes each, {RUNS} runs; CPU us/event: min, median, max")
    for name, figures in (("mail.decode", ours), ("its msgspec", step), ("orjson.loads", plain)):
        print(f"{name:14}{min(figures):8.3f}{statistics.median(figures):8.3f}{max(figures):8.3f}")
    ratios = [one / other for one, other in zip(ours, plain, strict=True)]
    print(f"{'ratio':14}{min(ratios):8.2f}{statistics.median(ratios):8.2f}{max(ratios):8.2f}")


if __name__ == "__main__":
    main()
