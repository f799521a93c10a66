"""What asking achieved: whether a mail corrects an earlier one, and whether a program confirms."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator

from streams.gate.confirmations import Ask, AskKey, Confirmations
from streams.gate.question import GateProtocol

CORRECTED_WITHIN_MS = 15 * 60_000
MACHINE_TIMES = 3
MACHINE_SPREAD_MS = 2_000
"""A program sends again after a fixed time: its last confirmations took equally long, give or take this."""
SENDERS_KEPT = 10_000


def corrected(
    confirmations: Confirmations,
    digests: Iterable[str],
    *,
    protocol: GateProtocol,
    mail: str | None,
    now_ms: int,
) -> Iterator[tuple[AskKey, Ask]]:
    """The asks that a mail corrects: it is another mail, soon after, of the same sender to the intended address.

    `digests` are those of the sender and of each recipient. What can't be told from the mail that was refused, such as
    its other recipients at RCPT, corrects nothing; nor does anything after the sender has confirmed.
    """
    for digest in digests:
        for key, ask in confirmations.to_correct(digest):
            is_other_mail = mail is not None and ask.mail is not None and mail != ask.mail and protocol == ask.protocol
            is_soon = 0 <= now_ms - ask.time <= CORRECTED_WITHIN_MS
            is_both = confirmations.was_refused(key.pair, mail)  # at RCPT it was for the mistaken address too
            if is_other_mail and is_soon and not is_both and not confirmations.is_confirmed(key.pair, now_ms):
                yield key, ask


class Machines:
    """Notices senders that confirm as programs do: MACHINE_TIMES after the same time. Over policy a program that sends
    again after minutes can't be told from a person at once."""

    def __init__(self) -> None:
        self._delays: OrderedDict[str, deque[int]] = OrderedDict()

    def seems_one(self, sender: str, delay_ms: int) -> bool:
        """Whether a confirmation of this sender, so long after the ask, is the one that gives it away."""
        delays = self._delays.pop(sender, None) or deque[int](maxlen=MACHINE_TIMES)
        delays.append(delay_ms)
        self._delays[sender] = delays
        if len(self._delays) > SENDERS_KEPT:
            self._delays.popitem(last=False)
        if len(delays) < MACHINE_TIMES or max(delays) - min(delays) > MACHINE_SPREAD_MS:
            return False
        del self._delays[sender]
        return True
