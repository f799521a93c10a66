"""`straymail notify`: notify senders by mail that they wrote to a mistaken domain."""

from __future__ import annotations

from pathlib import Path

import click

from streams.cli.shared.options import config_option, epilog, json_option, since_option

EPILOG = epilog(
    """
    straymail notify --since 24h
    straymail notify --template >letter.txt
    straymail notify --send
    """,
    "0 done or stopped, 1 Kafka doesn't answer or the journal is in use, 2 wrong usage or configuration.",
)


@click.command(epilog=EPILOG)
@config_option
@json_option
@since_option
@click.option("--send", is_flag=True, help="Send the mails; without it, only show them.")
@click.option("--template", is_flag=True, help="Print the default template, to be edited, and exit.")
@click.option(
    "--until-end", is_flag=True, help="Exit at the current end of mail.alerts instead of waiting for new alerts."
)
def notify(config: Path | None, as_json: bool, since: int | None, send: bool, template: bool, until_end: bool) -> None:
    """Notify senders by mail that they wrote to a mistaken domain.

    Senders at your own domains are notified once for each finding. Without --send nothing is sent or recorded. With it,
    the mails sent and the position in mail.alerts are recorded in the journal (notify.state), where a later run
    resumes. The first run begins with new alerts, or with those published --since.
    """
    from streams.notify.letter import DEFAULT

    if template:
        click.echo(DEFAULT.read_text(encoding="utf-8"), nl=False)
        return
    from streams.cli.notify.run import notify_senders
    from streams.config import load_settings

    notify_senders(load_settings(config), since, send=send, as_json=as_json, until_end=until_end)
