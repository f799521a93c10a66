"""The severities of a finding, numbered as OCSF numbers them (severity_id)."""

from enum import IntEnum
from typing import Literal

from streams.did_you_mean import or_list

SeverityWord = Literal["informational", "low", "medium", "high", "critical"]
"""The words of `Severity`, as a type for settings."""


class Severity(IntEnum):
    """The severity of a finding; a higher number is worse."""

    INFORMATIONAL = 1
    LOW = 2
    MEDIUM = 3
    HIGH = 4
    CRITICAL = 5

    @property
    def word(self) -> str:
        """The severity in settings and metrics, such as `low`."""
        return self.name.lower()

    @property
    def caption(self) -> str:
        """The severity in OCSF, such as `Low`."""
        return self.name.capitalize()


SEVERITIES: dict[str, Severity] = {severity.word: severity for severity in Severity}


def no_severity(word: object) -> str:
    """That this is no severity, and which was probably meant."""
    return f"{word!r} is no severity: {or_list(str(word), SEVERITIES)}"
