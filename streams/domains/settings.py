"""The scorer's settings, as the configuration reads them."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

from streams.domains.thresholds import CACHE_SIZE, CERTAIN, TYPO


class ScorerSettings(BaseModel):
    """The settings under `scorer`. Scores are probabilities in 0..1."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    typo: float = Field(default=TYPO, gt=0, le=1, description="From this score on a domain is a typo")
    certain: float = Field(default=CERTAIN, gt=0, le=1, description="From this score on a typo is certain")
    context: bool = Field(
        default=True, description="Whether the other recipients and the sender's domain can raise a score"
    )
    well_known: bool = Field(
        default=True, description="Whether well-known domains, by the list that is shipped, score lower"
    )
    known: Path | None = Field(
        default=None, description="File of domains that your people really write to, one per line; they score lower"
    )
    cache_size: int = Field(default=CACHE_SIZE, ge=1, description="Number of verdicts in the cache")

    @model_validator(mode="after")
    def _in_order(self) -> "ScorerSettings":
        if self.certain < self.typo:
            raise ValueError(f"certain ({self.certain}) is below typo ({self.typo})")
        return self
