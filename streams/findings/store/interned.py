"""Mistaken domains stored once for all packed windows that share them: there are few of them and many windows."""

from collections.abc import Iterator

from streams.events.mistaken_domain import MistakenDomain


class InternedDomains:
    """A reference-counted pool: gives each distinct mistaken domain a number, which is valid until it is released."""

    def __init__(self) -> None:
        self._numbers: dict[MistakenDomain, int] = {}
        self._counted: dict[int, tuple[MistakenDomain, int]] = {}
        """By number: the domain and how many references it has."""
        self._next = 0

    def __iter__(self) -> Iterator[MistakenDomain]:
        return iter(self._numbers)

    def acquire(self, domain: MistakenDomain) -> int:
        """Add a reference to a domain and return its number; release it once for each call."""
        number = self._numbers.get(domain)
        if number is not None:
            return self.acquire_again(number)
        number = self._numbers[domain] = self._next
        self._next += 1
        self._counted[number] = domain, 1
        return number

    def acquire_again(self, number: int) -> int:
        """Add a reference to a domain that has this number, and return it."""
        domain, references = self._counted[number]
        self._counted[number] = domain, references + 1
        return number

    def __getitem__(self, number: int) -> MistakenDomain:
        return self._counted[number][0]

    def release(self, number: int) -> None:
        """Drop a reference; the domain is removed with its last one, and its number is never used again."""
        domain, references = self._counted[number]
        if references > 1:
            self._counted[number] = domain, references - 1
        else:
            del self._counted[number], self._numbers[domain]
