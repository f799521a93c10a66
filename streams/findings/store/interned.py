"""Mistaken domains, said once for all packed slots that say the same: they are few, and those slots many."""

from collections.abc import Iterator

from streams.events.mistaken_domain import MistakenDomain


class InternedDomains:
    """Numbers for sayings, for as long as somebody holds them."""

    def __init__(self) -> None:
        self._numbers: dict[MistakenDomain, int] = {}
        self._held: dict[int, tuple[MistakenDomain, int]] = {}
        self._next = 0

    def __iter__(self) -> Iterator[MistakenDomain]:
        return iter(self._numbers)

    def hold(self, said: MistakenDomain) -> int:
        """The number of a saying; release it as often as it was held."""
        number = self._numbers.get(said)
        if number is None:
            number = self._numbers[said] = self._next
            self._next += 1
        self._held[number] = said, self._held.get(number, (said, 0))[1] + 1
        return number

    def __getitem__(self, number: int) -> MistakenDomain:
        return self._held[number][0]

    def release(self, number: int) -> None:
        """One holder fewer; without any the saying is forgotten."""
        said, holders = self._held[number]
        if holders > 1:
            self._held[number] = said, holders - 1
        else:
            del self._held[number], self._numbers[said]
