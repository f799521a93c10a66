"""A candidate: one reading of a domain as a slip for a watched one."""

from __future__ import annotations

from typing import NamedTuple

EXACT = "exact"
WILDCARD = "wildcard"


class Candidate(NamedTuple):
    """A watched name that may have been meant, and how it differs from the typed one.

    `edit` is the edit kind of the name (a slip in one label, `exact`, `two-slips`, `missing-dot`, ...), `suffix_edit`
    that of the suffix. `typed` and `label` are the typed and the intended label, `typed_suffix` and `suffix` the
    suffixes; `sub` is the subdomain before the label, the same in both.
    """

    edit: str
    suffix_edit: str
    typed: str
    label: str
    typed_suffix: str
    suffix: str
    sub: str

    @property
    def intended(self) -> str:
        """The whole intended domain."""
        return f"{self.sub}.{self.label}.{self.suffix}" if self.sub else f"{self.label}.{self.suffix}"
