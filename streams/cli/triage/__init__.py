"""`straymail triage`: decide on findings."""

from __future__ import annotations

from pathlib import Path

import click

from streams.cli.shared.options import config_option, epilog, json_option

EPILOG = epilog(
    """
    straymail triage 3f9c0a
    straymail triage 3f9c0a --acknowledge
    straymail triage 3f9c0a 77aa10 --resolve --note "recalled, sender informed"
    straymail triage 3f9c0a --false-alarm --note "our printing house"
    """,
    "0 done, 1 Kafka failed, 2 wrong usage or configuration, or no single finding has that uid.",
)


@click.command(epilog=EPILOG)
@click.argument("uids", metavar="UID...", nargs=-1, required=True)
@config_option
@json_option
@click.option("--acknowledge", is_flag=True, help="Work on it: In Progress.")
@click.option("--assign", metavar="USER", help="Give it to somebody else: In Progress.")
@click.option("--resolve", is_flag=True, help="It is dealt with: Resolved.")
@click.option(
    "--false-alarm",
    is_flag=True,
    help="It was no mistake: Suppressed. Shows the lines that would silence the domain, and their effect.",
)
@click.option("--reopen", is_flag=True, help="Nobody has dealt with it: New.")
@click.option("--note", default="", help="Why, in at most 500 characters. It is shown to whoever sees the finding.")
def triage(
    uids: tuple[str, ...],
    config: Path | None,
    as_json: bool,
    acknowledge: bool,
    assign: str | None,
    resolve: bool,
    false_alarm: bool,
    reopen: bool,
    note: str,
) -> int:
    """Decide on findings, or show what was decided.

    The first digits of a UID suffice. Decisions are stored in mail.triage, from where the console shows them too. The
    next mail of a finding that is resolved opens it again.
    """
    from streams.cli.triage.run import TriageRequest, run_triage
    from streams.triage.decide import TriageAction

    given: dict[TriageAction, bool] = {
        "acknowledge": acknowledge,
        "assign": assign is not None,
        "resolve": resolve,
        "false-alarm": false_alarm,
        "reopen": reopen,
    }
    chosen = [action for action, is_given in given.items() if is_given]
    if len(chosen) > 1:
        raise click.UsageError(f"choose one decision: --{' or --'.join(chosen)}.", click.get_current_context())
    if note and not chosen:
        raise click.UsageError("--note belongs to a decision, such as --resolve.", click.get_current_context())
    request = TriageRequest(uids, chosen[0] if chosen else None, assign or "", note)
    return run_triage(request, config, as_json=as_json)
