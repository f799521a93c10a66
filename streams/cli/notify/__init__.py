"""`straymail notify`: notify senders by mail that they wrote to a mistaken domain, and the SOC on its channels."""

from __future__ import annotations

from pathlib import Path

import click

from streams.cli.shared.options import config_option, epilog, json_option, since_option

EPILOG = epilog(
    """
    straymail notify --since 24h
    straymail notify --template >letter.txt
    straymail notify --send
    straymail notify --channels --test
    straymail notify --channels --send
    """,
    "0 done or stopped, 1 Kafka doesn't answer, the journal is in use, or a test failed, "
    "2 wrong usage or configuration.",
)


@click.command(epilog=EPILOG)
@config_option
@json_option
@since_option
@click.option("--send", is_flag=True, help="Send the mails; without it, only show them.")
@click.option("--channels", is_flag=True, help="Send alerts to the channels in notify.channels, none to senders.")
@click.option("--test", is_flag=True, help="Send a test message to each channel, and exit.")
@click.option("--template", is_flag=True, help="Print the default template, to be edited, and exit.")
@click.option(
    "--until-end", is_flag=True, help="Exit at the current end of mail.alerts instead of waiting for new alerts."
)
def notify(
    config: Path | None,
    as_json: bool,
    since: int | None,
    send: bool,
    channels: bool,
    test: bool,
    template: bool,
    until_end: bool,
) -> None:
    """Notify senders by mail that they wrote to a mistaken domain.

    Senders at your own domains are notified once for each finding. Without --send nothing is sent or recorded. With it,
    the mails sent and the position in mail.alerts are recorded in the journal (notify.state), where a later run
    resumes. The first run begins with new alerts, or with those published --since.

    With --channels, the channels of your security team in notify.channels (chat, pager, webhook, mail) are sent the
    alerts that call somebody, and the journal is notify.channels_state.
    """
    from streams.notify.letter import DEFAULT

    if template:
        click.echo(DEFAULT.read_text(encoding="utf-8"), nl=False)
        return
    if test and not channels:
        raise click.UsageError("--test is for --channels")
    from streams.config import load_settings

    settings = load_settings(config)
    if not channels:
        from streams.cli.notify.run import notify_senders

        notify_senders(settings, since, send=send, as_json=as_json, until_end=until_end)
        return
    from streams.cli.notify.channels import notify_channels, send_test

    if test:
        send_test(settings)
        return
    notify_channels(settings, since, send=send, as_json=as_json, until_end=until_end)
