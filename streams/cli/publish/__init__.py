"""`straymail publish`: send mail events from files to mail.events."""

from __future__ import annotations

from pathlib import Path

import click

from streams.cli.shared.options import config_option, epilog

EPILOG = epilog(
    """
    straymail publish mails.jsonl.gz
    zcat mails-*.gz | straymail publish -
    straymail publish --sample
    """,
    "0 all sent, 1 some lines could not be read or sent, 2 wrong usage or configuration.",
)


@click.command(epilog=EPILOG)
@click.argument("files", nargs=-1, type=click.Path(dir_okay=False, allow_dash=True))
@config_option
@click.option(
    "--sample", is_flag=True, help="Send the sample mail that comes with straymail, dated within the last 36 hours."
)
@click.option("--raw", is_flag=True, help="Send lines that can't be read too, unchanged: they become dead letters.")
@click.option(
    "--compression",
    type=click.Choice(["lz4", "zstd"]),
    default="lz4",
    show_default=True,
    help="Compression of the records sent.",
)
def publish(files: tuple[str, ...], config: Path | None, sample: bool, raw: bool, compression: str) -> int:
    """Send mail events, one JSON object per line, to mail.events.

    FILES may be compressed (gzip, bzip2, xz); - is stdin. A line that is no mail event is reported with its file and
    line number, and isn't sent. The key of a record is an HMAC of the sender.
    """
    if sample == bool(files):
        raise click.UsageError("give FILES (- for stdin), or --sample.", click.get_current_context())
    from streams.cli.publish.run import publish_files
    from streams.config import load_settings

    return publish_files(files, load_settings(config), raw=raw, compression=compression)
