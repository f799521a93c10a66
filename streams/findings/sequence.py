"""Where the sequences of findings begin after a restore, so that they rise through a loss of state.

What was published last is known from the state alone. Where that is lost, a finding would begin at 1 again, below what
readers keep. So a state that is restored publishes nothing below the number of seconds that have passed since
`EPOCH_MS`: as long as no finding is published every second, that is above all that was published before.
"""

EPOCH_MS = 1_577_836_800_000
"""2020-01-01 00:00 UTC: seconds since then fit into 32 bits, as OCSF's integers may be stored, until 2088."""


def first_sequence(now_ms: int) -> int:
    """The least sequence of alerts that a state restored at this time publishes; at least 1."""
    return max(1, (now_ms - EPOCH_MS) // 1_000)
