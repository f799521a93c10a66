"""The severities of a finding, numbered as OCSF numbers them (severity_id)."""

from enum import IntEnum
from typing import Literal

SeverityWord = Literal["informational", "low", "medium", "high", "critical"]
"""The words of `Severity`, for settings that are checked by their type."""


class Severity(IntEnum):
    """How bad it is; a higher number is worse."""

    INFORMATIONAL = 1
    LOW = 2
    MEDIUM = 3
    HIGH = 4
    CRITICAL = 5

    @property
    def word(self) -> str:
        """As the configuration and metrics write it: `low`."""
        return self.name.lower()

    @property
    def caption(self) -> str:
        """As OCSF writes it: `Low`."""
        return self.name.capitalize()


SEVERITIES: dict[str, Severity] = {severity.word: severity for severity in Severity}
