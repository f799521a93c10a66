"""`straymail hits`: the single mails with a mistaken domain."""

from __future__ import annotations

from pathlib import Path

import click

from streams.cli.shared.options import config_option, epilog, follow_option, json_option, since_option

EPILOG = epilog(
    """
    straymail hits --since 2h
    straymail hits --finding 3f9c0a --json | jq -r .message_id
    """,
    "0 done, 1 Kafka doesn't answer or there is no such finding, 2 called or configured wrongly.",
)


@click.command(epilog=EPILOG)
@config_option
@json_option
@follow_option
@since_option
@click.option("--finding", metavar="UID", help="The mails of this finding, each once; the first digits do.")
@click.option("--domain", help="Only mail to this mistaken domain.")
@click.option("--sender", help="Only mail from this sender, written as hits have it.")
def hits(
    config: Path | None,
    as_json: bool,
    follow: bool,
    since: int | None,
    finding: str | None,
    domain: str | None,
    sender: str | None,
) -> int:
    """Show typo hits: who wrote to whom, what was typed for what, what became of it, and the message id.

    With --finding the mails of one finding are listed, those that came as several events as one, so that each can be
    looked up where the mail is.
    """
    if follow and finding is not None:
        raise click.UsageError("A finding's mails are listed once: --follow doesn't go with --finding.")
    from streams.cli.hits.run import HitFilter, follow_hits, show_finding, show_hits
    from streams.config import load_settings

    settings, wanted = load_settings(config), HitFilter(domain, sender)
    if finding is not None:
        return show_finding(settings, finding, wanted, as_json=as_json)
    if follow:
        return follow_hits(settings, wanted, since, as_json=as_json)
    return show_hits(settings, wanted, since, as_json=as_json)
