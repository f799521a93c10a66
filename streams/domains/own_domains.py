"""The organisation's own domains, as listed in the setting `own_domains`."""

from __future__ import annotations

from collections.abc import Iterable

from streams.domains.names import canonical
from streams.errors import ConfigurationError, MalformedDomain


class OwnDomains:
    """A set of domains that contains their subdomains too; false where it is empty.

    Raises ConfigurationError for a name that is not a domain name.
    """

    def __init__(self, names: Iterable[str]) -> None:
        try:
            self._names = frozenset(map(canonical, names))
        except MalformedDomain as error:
            raise ConfigurationError(f"own_domains: {error}") from error

    def __bool__(self) -> bool:
        return bool(self._names)

    def __contains__(self, domain: str) -> bool:
        """Whether the domain, in any spelling, is one of these or a subdomain of one. A malformed domain is not."""
        try:
            name = canonical(domain)
        except MalformedDomain:
            return False
        while name not in self._names:
            _, dot, name = name.partition(".")
            if not dot:
                return False
        return True
