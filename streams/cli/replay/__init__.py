"""`straymail replay`: dead letters back to mail.events."""

from __future__ import annotations

from pathlib import Path

import click

from streams.cli.shared.options import config_option, epilog, since_option

EPILOG = epilog(
    """
    straymail replay --dry-run
    straymail replay --reason bad-address --since 2h
    """,
    "0 done, 1 the broker refused some, 2 called or configured wrongly.",
)


@click.command(epilog=EPILOG)
@config_option
@since_option
@click.option("--reason", "reasons", multiple=True, help="Only those with this reason; may be given several times.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many.")
@click.option("--dry-run", is_flag=True, help="Count, and send nothing.")
def replay(config: Path | None, since: int | None, reasons: tuple[str, ...], limit: int | None, dry_run: bool) -> int:
    """Send dead letters back to mail.events, the bytes as they came, once the cause is mended.

    Each gets the header straymail-replayed with the topic, partition and offset of its dead letter. Those that were
    cut, or kept without their bytes, can't be sent back and are counted. What is sent twice does no harm.
    """
    from streams.cli.replay.run import Choice, replay_letters
    from streams.config import load_settings

    return replay_letters(load_settings(config), Choice(since, frozenset(reasons), limit), dry_run=dry_run)
