"""The organisation's own domains, as the setting `own_domains` names them."""

from __future__ import annotations

from collections.abc import Iterable

from streams.domains.names import canonical
from streams.errors import ConfigurationError, MalformedDomain


class OwnDomains:
    """A set of domains that covers every name under them, too. False where none is named.

    Raises ConfigurationError for a name that is no domain.
    """

    def __init__(self, names: Iterable[str]) -> None:
        try:
            self._names = frozenset(map(canonical, names))
        except MalformedDomain as error:
            raise ConfigurationError(f"own_domains: {error}") from error

    def __bool__(self) -> bool:
        return bool(self._names)

    def __contains__(self, domain: str) -> bool:
        """Whether the domain, however it is written, is one of these or under one; what is malformed is not."""
        try:
            name = canonical(domain)
        except MalformedDomain:
            return False
        while name not in self._names:
            _, dot, name = name.partition(".")
            if not dot:
                return False
        return True
