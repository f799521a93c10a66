"""`straymail replay`: send dead letters back to mail.events."""

from __future__ import annotations

from pathlib import Path

import click

from streams.cli.shared.options import config_option, epilog, since_option

EPILOG = epilog(
    """
    straymail replay --dry-run
    straymail replay --reason bad-address --since 2h
    """,
    "0 done, 1 Kafka doesn't answer or refused some, 2 wrong usage or configuration.",
)


@click.command(epilog=EPILOG)
@config_option
@since_option
@click.option(
    "--reason", "reasons", multiple=True, help="Only dead letters with this reason; may be given several times."
)
@click.option("--limit", type=click.IntRange(min=1), help="Send at most this many.")
@click.option("--dry-run", is_flag=True, help="Only count; send nothing.")
def replay(config: Path | None, since: int | None, reasons: tuple[str, ...], limit: int | None, dry_run: bool) -> int:
    """Send dead letters back to mail.events.

    Do this once the cause is fixed: the original bytes are sent. Each record gets the header straymail-replayed with
    the topic, partition and offset of its dead letter. Those that were cut, or kept without their bytes, can't be sent
    back; they are only counted. Sending one twice changes no count
    while the state of its window is kept (docs/replay.md); later it makes another finding, marked late.
    """
    from streams.cli.replay.run import ReplayFilter, replay_dead_letters
    from streams.config import load_settings

    return replay_dead_letters(load_settings(config), ReplayFilter(since, frozenset(reasons), limit), dry_run=dry_run)
