"""Whether the state topics still have all that workers have written to them."""

from __future__ import annotations

from collections.abc import Iterator

from streams.cli.shared.check_lines import CheckLine
from streams.config import Settings
from streams.findings.log.load import Loss
from streams.findings.rules import GroupBy
from streams.findings.state import PartitionState
from streams.findings.store.digests import Digests
from streams.kafka.clients.read import offset_range, read_keyed_to_end
from streams.kafka.topics.names import state_topic_of, topic_names

REMEDY = "count the hits again, as the runbook has it under `A state topic is lost`"


def state_lines(settings: Settings, partitions: int) -> Iterator[CheckLine]:
    """A line for each state topic: a warning where records are missing. Reads the topics whole; raises BrokerError."""
    for hits, state in state_topic_of(settings).items():
        losses = {partition: _loss(settings, hits, state, partition) for partition in range(partitions)}
        known = [f"partition {partition}: {loss.what()}" for partition, loss in losses.items() if loss is not None]
        if known:
            yield CheckLine("warning", state, "; ".join(known), REMEDY)
        else:
            yield CheckLine("ok", state, "no record is missing")


def _loss(settings: Settings, hits: str, state: str, partition: int) -> Loss | None:
    first, end = offset_range(settings, hits, partition)
    records = read_keyed_to_end(settings, state, partition)
    policy, digests = settings.findings.policy(), Digests(settings.privacy.privacy().key)
    group_by: GroupBy = "sender" if hits == topic_names(settings).typo_hits else "domain"
    loss = PartitionState.load(policy, digests, group_by, records, end, earliest_offset=first).loss
    is_unused = loss is not None and loss.missing is None and not _has_hits(settings, hits, partition)
    return None if is_unused else loss


def _has_hits(settings: Settings, hits: str, partition: int) -> bool:
    """Whether a hit partition has anything to count; watermark messages and questions for the time have no key."""
    return any(True for _ in read_keyed_to_end(settings, hits, partition))
