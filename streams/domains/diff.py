"""Letter-by-letter difference between a typed domain and the intended one."""

from __future__ import annotations

from itertools import groupby
from typing import Literal, NamedTuple

from rapidfuzz.distance import OSA, Levenshtein

Kind = Literal["same", "extra", "wrong", "swapped", "lost"]
_LONGEST = 253
"""No domain name is longer, and the time to compare grows with the product of both lengths."""
_STEP_OF_SWAP = {("replace", "replace"): (1, 1), ("insert", "delete"): (1, 2), ("delete", "insert"): (2, 1)}
"""Two consecutive edits with these tags, at this distance in the meant and in the typed domain, are one swap."""


class Piece(NamedTuple):
    """A run of letters of one kind. In the typed domain a `lost` run is empty: it marks where letters are missing."""

    text: str
    kind: Kind


class Comparison(NamedTuple):
    """Both domains in pieces. Only `typed` has `extra` pieces; a `lost` piece in `meant` has the missing letters."""

    typed: list[Piece]
    meant: list[Piece]


def compare(typed: str, meant: str) -> Comparison:
    """The difference between the first 253 characters of the typed domain and of the meant one."""
    typed, meant = typed[:_LONGEST], meant[:_LONGEST]
    sub = _subdomain(typed, meant)
    compared = _compare(typed[len(sub) :], meant)
    return compared._replace(typed=_pieces(sub, ["same"] * len(sub), set()) + compared.typed)


def _subdomain(typed: str, meant: str) -> str:
    """The leading labels of the typed domain, with their dots, without which it is nearest to the meant one.

    A watched domain covers its subdomains too: shape.nato.ing is compared with nato.int from its second label on.
    """
    starts = [0, *(position + 1 for position, letter in enumerate(typed) if letter == ".")]
    return typed[: min(starts, key=lambda start: OSA.distance(typed[start:], meant))]


def _compare(typed: str, meant: str) -> Comparison:
    kinds_typed: list[Kind] = ["same"] * len(typed)
    kinds_meant: list[Kind] = ["same"] * len(meant)
    gaps: set[int] = set()
    edits = [(edit.tag, edit.src_pos, edit.dest_pos) for edit in Levenshtein.editops(meant, typed)]
    while edits:
        tag, at_meant, at_typed = edits.pop(0)
        if edits and _swaps((tag, at_meant, at_typed), edits[0], typed, meant):
            edits.pop(0)
            kinds_typed[at_typed : at_typed + 2] = kinds_meant[at_meant : at_meant + 2] = ["swapped", "swapped"]
        elif tag == "insert":
            kinds_typed[at_typed] = "extra"
        elif tag == "delete":
            kinds_meant[at_meant] = "lost"
            gaps.add(at_typed)
        else:
            kinds_typed[at_typed] = kinds_meant[at_meant] = "wrong"
    return Comparison(_pieces(typed, kinds_typed, gaps), _pieces(meant, kinds_meant, set()))


def _swaps(first: tuple[str, int, int], second: tuple[str, int, int], typed: str, meant: str) -> bool:
    """Whether two edits are one swap of neighbouring letters."""
    step = (second[1] - first[1], second[2] - first[2])
    if _STEP_OF_SWAP.get((first[0], second[0])) != step:
        return False
    return meant[first[1] : first[1] + 2] == typed[first[2] : first[2] + 2][::-1]


def _pieces(text: str, kinds: list[Kind], gaps: set[int]) -> list[Piece]:
    pieces: list[Piece] = []
    borders = sorted({0, *gaps, len(text)})
    for start, end in zip(borders, [*borders[1:], len(text)], strict=True):
        if start in gaps:
            pieces.append(Piece("", "lost"))
        for kind, run in groupby(range(start, end), key=kinds.__getitem__):
            pieces.append(Piece("".join(text[position] for position in run), kind))
    return pieces
