"""What people have made of a finding, in the words and numbers of OCSF's Detection Finding (`status_id`)."""

from __future__ import annotations

from enum import IntEnum


class TriageStatus(IntEnum):
    """The status of a finding. Source: OCSF 1.5.0, class 2004, attribute `status_id`."""

    NEW = 1
    IN_PROGRESS = 2
    SUPPRESSED = 3
    RESOLVED = 4

    @property
    def caption(self) -> str:
        """OCSF's name for it, such as `In Progress`."""
        return self.name.replace("_", " ").title()

    @property
    def word(self) -> str:
        """The name in filters and on the command line, such as `in-progress`."""
        return self.name.replace("_", "-").lower()

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to look at the finding, or does so."""
        return self in OPEN


OPEN = (TriageStatus.NEW, TriageStatus.IN_PROGRESS)
"""The statuses of findings that somebody still has to look at, or does so."""
