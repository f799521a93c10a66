"""`straymail notify`: a mail to each sender whose mail went to a mistaken domain."""

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
    "0 stopped when asked to, 1 the journal is in use, 2 called or configured wrongly.",
)


@click.command(epilog=EPILOG)
@config_option
@json_option
@since_option
@click.option("--send", is_flag=True, help="Send the mails; without it, only tell which would be sent.")
@click.option("--template", is_flag=True, help="Write the letter that comes with straymail, to be edited, and end.")
@click.option("--until-end", is_flag=True, help="End where mail.alerts ends now, instead of going on with what comes.")
def notify(config: Path | None, as_json: bool, since: int | None, send: bool, template: bool, until_end: bool) -> None:
    """Tell senders of own domains by mail that they have written to a mistaken domain, once a finding.

    Without --send nothing is sent and nothing is remembered. With it, what was sent and how far mail.alerts was read
    stand in the journal (notify.state): a later start goes on there, the first one with what comes, or with what was
    published --since.
    """
    from streams.notify.letter import DEFAULT

    if template:
        click.echo(DEFAULT.read_text(encoding="utf-8"), nl=False)
        return
    from streams.cli.notify.run import notify_senders
    from streams.config import load_settings

    notify_senders(load_settings(config), since, send=send, as_json=as_json, until_end=until_end)
