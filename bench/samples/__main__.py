"""Writes the sample mail: python -m bench.samples"""

from __future__ import annotations

import json
from pathlib import Path

from bench.samples.stream import sample_stream
from bench.samples.unreadable import unreadable_lines

FOLDER = Path(__file__).parents[2] / "streams" / "data" / "samples"


def mail_lines() -> str:
    """The mail events of the sample as JSON lines."""
    return "".join(json.dumps(event, ensure_ascii=False, separators=(",", ":")) + "\n" for event in sample_stream())


def main() -> None:
    """Write both files."""
    (FOLDER / "mail-events.jsonl").write_text(mail_lines(), encoding="utf-8")
    (FOLDER / "unreadable.jsonl").write_text(unreadable_lines(), encoding="utf-8")


if __name__ == "__main__":
    main()
