"""The figures of a finding's last alert, with which its next state is compared."""

import msgspec

from streams.events.asked import NOTHING_ASKED, AskedCounts
from streams.severity import Severity


class LastAlert(msgspec.Struct, frozen=True, array_like=True):
    """The figures of a finding's last alert; times are integer ms since the epoch, `label_floor` is 0 for none.

    `accepted_peak` is the peak without mails that were refused, by which the severity goes. `count_is_minimum` is
    whether the tally was full. `hits` is the number of hits in the tally, -1 if it isn't known. `updates` is the number
    of alerts so far that had no news but growth. `asked` counts the questions of the gate.
    """

    sequence: int
    activity: int
    severity: Severity
    count: int
    peak: int
    delivered_count: int
    domain_count: int
    label_floor: int
    count_is_minimum: bool
    window: str
    created_ms: int
    time_ms: int
    accepted_peak: int
    hits: int = -1
    updates: int = 0
    asked: AskedCounts = NOTHING_ASKED
