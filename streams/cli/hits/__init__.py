"""`straymail hits`: list the mails sent to mistaken domains."""

from __future__ import annotations

from pathlib import Path

import click

from streams.cli.shared.options import config_option, epilog, follow_option, json_option, since_option

EPILOG = epilog(
    """
    straymail hits --since 2h
    straymail hits --finding 3f9c0a --json | jq -r .message_id
    """,
    "0 done, 1 Kafka doesn't answer, 2 wrong usage or configuration, or no single finding has that uid.",
)


@click.command(epilog=EPILOG)
@config_option
@json_option
@follow_option
@since_option
@click.option(
    "--finding", metavar="UID", help="Only mails of this finding, each once; the first digits of the uid suffice."
)
@click.option("--domain", help="Only mail to this mistaken domain.")
@click.option("--sender", help="Only mail from this sender, in the form that hits have (privacy.sender).")
def hits(
    config: Path | None,
    as_json: bool,
    follow: bool,
    since: int | None,
    finding: str | None,
    domain: str | None,
    sender: str | None,
) -> int:
    """Show the mails sent to mistaken domains (typo hits).

    A row has sender, recipients with the slip marked, delivery status and message id.

    With --finding the mails of one finding are listed, each once even if it came in several events, so that they can
    be looked up in the mail system.
    """
    if follow and finding is not None:
        raise click.UsageError("--follow can't be used with --finding: a finding's mails are listed once.")
    from streams.cli.hits.run import HitFilter, follow_hits, show_finding, show_hits
    from streams.config import load_settings

    settings, wanted = load_settings(config), HitFilter(domain, sender)
    if finding is not None:
        return show_finding(settings, finding, wanted, as_json=as_json)
    if follow:
        return follow_hits(settings, wanted, since, as_json=as_json)
    return show_hits(settings, wanted, since, as_json=as_json)
