"""Groups of senders: what a file says, else the sender's domain."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from streams.domains.names import canonical
from streams.errors import MalformedDomain, UsageError
from streams.events.addresses import domain_of, normalise_address

NO_DOMAIN = "(no domain)"


@dataclass(frozen=True, slots=True)
class SenderGroups:
    """`named` maps addresses and domains, lower case, to the group's name."""

    named: Mapping[str, str] = field(default_factory=dict)

    def of(self, sender: str) -> str:
        """The sender's group: by address, by domain or one above it, else its domain itself."""
        domain = domain_of(sender)
        if not self.named:
            return domain
        name = self.named.get(normalise_address(sender))
        rest = domain
        while name is None and rest:
            name = self.named.get(rest)
            rest = rest.partition(".")[2]
        return name or domain


def read_groups(path: Path) -> SenderGroups:
    """A CSV file of `address or domain,group`. Raises UsageError with the line."""
    named = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, row in enumerate(csv.reader(file), start=1):
                if len(row) != 2 or not all(cell.strip() for cell in row):
                    raise UsageError(f"{path}, line {number}: write an address or a domain, a comma and its group")
                named[normalise_address(row[0])] = row[1].strip()
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"can't read the groups of senders from {path}: {error}") from error
    return SenderGroups(named)


def shown(group: str, groups: SenderGroups) -> str:
    """A group as a report shows it: a name of the file, a domain, or that it is none."""
    if group in groups.named.values():
        return group
    try:
        return canonical(group)
    except MalformedDomain:
        return NO_DOMAIN
