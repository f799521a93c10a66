"""Data files: tables for the scorer, its model, and samples of mail and of a watchlist."""

from pathlib import Path

_FOLDER = Path(__file__).parent


def read(name: str) -> str:
    """The text of a data file of this package."""
    return (_FOLDER / name).read_text(encoding="utf-8")


def rows(name: str) -> list[str]:
    """The lines of a data file that are neither empty nor comments (`# ...`)."""
    return [line for line in read(name).splitlines() if line and not line.startswith("#")]
