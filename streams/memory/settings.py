"""The settings of the memory, as the configuration reads them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_settings import NoDecode

from streams.comma_list import comma_list
from streams.memory.lessons import LearningPolicy
from streams.memory.memory import MOST_CORRESPONDENTS, MOST_PERSONS, Memory, MemoryBounds
from streams.memory.memory_digests import MemoryDigests


class KnowledgeSettings(BaseModel):
    """The settings under `knowledge`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = Field(
        default=True,
        description="Whether mail of earlier days raises and lowers scores; needs `own_domains`",
    )
    persons: bool = Field(
        default=True,
        description="Whether persons at watched domains are remembered too, as keyed digests",
    )
    max_persons: int = Field(
        default=MOST_PERSONS,
        ge=1_000,
        le=10_000_000,
        description="Most persons; those whom nobody of ours has written to go first",
    )
    max_correspondents: int = Field(
        default=MOST_CORRESPONDENTS,
        ge=1_000,
        le=1_000_000,
        description="Most domains near watched ones; those that nobody of ours has written to go first",
    )
    silent_sources: Annotated[tuple[str, ...], NoDecode, BeforeValidator(comma_list)] = Field(
        default=(),
        description="Sources of events that never report how delivery ended: their mail teaches without `delivered`",
    )

    def memory(self, key: bytes, *, persons: bool) -> Memory:
        """An empty memory with this key, with or without persons. ValueError if the key is empty."""
        return Memory(
            MemoryDigests(key),
            LearningPolicy(persons, frozenset(self.silent_sources)),
            MemoryBounds(self.max_persons, self.max_correspondents),
        )
