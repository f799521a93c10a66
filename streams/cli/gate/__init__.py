"""`straymail gate`: answers mail systems whether a mail may leave."""

from __future__ import annotations

from pathlib import Path

import click

from streams.cli.shared.options import config_option, epilog

EPILOG = epilog(
    """
    straymail gate --policy 127.0.0.1:10028
    straymail gate --policy unix:/var/spool/postfix/straymail/policy --milter unix:/var/spool/postfix/straymail/milter
    STRAYMAIL_GATE_MODE=confirm straymail gate --milter 127.0.0.1:10029
    """,
    "0 stopped by a signal, 1 failed, 2 wrong usage or configuration.",
)
ADDRESS = "HOST:PORT|unix:PATH"


@click.command(epilog=EPILOG)
@config_option
@click.option("--policy", metavar=ADDRESS, help="Answer Postfix's policy protocol there, and Exim's readsocket.")
@click.option("--milter", metavar=ADDRESS, help="Answer the milter protocol of Postfix and Sendmail there.")
@click.option("--http", metavar=ADDRESS, help="Answer POST /v1/check there, for add-ins and web forms.")
@click.option("--reply", is_flag=True, help="Print the default text of refusals, to be edited, and exit.")
def gate(config: Path | None, policy: str | None, milter: str | None, http: str | None, reply: bool) -> None:
    """Answer mail systems whether a mail may leave.

    Mail of your own senders to a mistaken domain passes and is counted (gate.mode: audit), is refused until its sender
    sends it again (confirm), or is refused (reject). Where the gate can't judge, mail passes. SIGHUP reads the settings
    again; SIGTERM and SIGINT stop the gate once what it was asked is answered.
    """
    from streams.gate.reply import DEFAULT

    if reply:
        click.echo(DEFAULT.read_text(encoding="utf-8"), nl=False)
        return
    from streams.cli.gate.run import run

    run(config, {name: value for name, value in (("policy", policy), ("milter", milter), ("http", http)) if value})
