"""What a gate is made of: its own settings, and the pipeline's that it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from streams.domains.settings import ScorerSettings
from streams.durations import parse_duration_ms
from streams.events.privacy import Privacy
from streams.gate.decide import GatePolicy
from streams.gate.reply import ReplyText, read_reply
from streams.gate.settings import GateSettings
from streams.gate.whose_mail import OwnPersons
from streams.kafka.settings import KafkaSettings
from streams.memory.memory import Memory
from streams.networks import Network


@dataclass(frozen=True)
class GateRules:
    """What may change while a gate runs: whose mail it judges, what becomes of it, and the words for it."""

    persons: OwnPersons
    policy: GatePolicy
    reply: ReplyText
    deadline_ms: int


@dataclass(frozen=True)
class GateInputs:
    """The inputs of a gate. `memory` is empty, and filled from Kafka; None where the gate has none."""

    kafka: KafkaSettings
    own: GateSettings
    watchlist: Path
    scorer: ScorerSettings
    own_domains: tuple[str, ...]
    own_networks: tuple[Network, ...]
    privacy: Privacy
    memory: Memory | None
    others: Mapping[str, object]
    """What else of the settings a running gate is made of, by name: all of it needs a restart."""

    def rules(self) -> GateRules:
        """The rules by these settings. Raises ConfigurationError."""
        own = self.own
        return GateRules(
            persons=OwnPersons(self.own_domains, self.own_networks),
            policy=GatePolicy(
                modes={
                    "listed": own.listed or own.mode,
                    "certain": own.certain or own.mode,
                    "doubtful": own.doubtful or own.mode,
                },
                automatic=frozenset(name.strip().lower() for name in own.automatic),
                wait_ms=parse_duration_ms(own.wait),
            ),
            reply=read_reply(own.reply),
            deadline_ms=parse_duration_ms(own.deadline),
        )
