"""Groups of senders: defined by a CSV file, by default the sender's domain."""

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
    """Groups by sender. `named` maps addresses and domains, in lower case, to the name of their group."""

    named: Mapping[str, str] = field(default_factory=dict)

    def of(self, sender: str) -> str:
        """Group of a sender: by address, else by domain or the nearest parent domain, else the domain itself."""
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
    """Read groups from a CSV file with lines `address or domain,group`. Raises UsageError with the line number."""
    named = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, row in enumerate(csv.reader(file), start=1):
                if len(row) != 2 or not all(cell.strip() for cell in row):
                    raise UsageError(f"{path}, line {number}: write an address or a domain, a comma and its group")
                named[normalise_address(row[0])] = row[1].strip()
    except OSError as error:
        raise UsageError(f"can't read the groups of senders from {path}: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"can't read the groups of senders from {path}: {error}") from error
    return SenderGroups(named)


def shown(group: str, groups: SenderGroups) -> str:
    """Group as shown in reports: a name from the file, a domain in canonical form, or `NO_DOMAIN`."""
    if group in groups.named.values():
        return group
    try:
        return canonical(group)
    except MalformedDomain:
        return NO_DOMAIN
