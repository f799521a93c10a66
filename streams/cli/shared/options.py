"""Options that several commands share, and the types of their values."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import click

from streams.durations import since_ms
from streams.severity import SEVERITIES

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def epilog(examples: str, statuses: str) -> str:
    """What stands below a command's help: one example a line, and what its exit statuses mean."""
    return f"\b\nExamples:\n{indent(dedent(examples).strip(), '  ')}\n\nExit status: {statuses}"


config_option: Decorator = click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="STRAYMAIL_CONFIG",
    help="YAML file with settings; the environment STRAYMAIL_* goes over it.",
)
json_option: Decorator = click.option("--json", "as_json", is_flag=True, help="JSON lines, on a terminal too.")
wait_option: Decorator = click.option(
    "--wait", type=click.FloatRange(min=0), default=15, show_default=True, help="Seconds to wait for Kafka at most."
)
follow_option: Decorator = click.option("--follow", "-f", is_flag=True, help="Go on with what comes, until Ctrl-C.")


class Moment(click.ParamType):
    """`2h`, `30m`, `7d` before now, or a time as in RFC 3339; the value is integer ms since the epoch."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The time, or click's usage error."""
        from streams.clock import now_ms

        if isinstance(value, int):
            return value
        try:
            return since_ms(value, now_ms())
        except ValueError:
            self.fail(
                f"{value!r} is neither a span such as 2h, 30m or 7d nor a time such as 2026-07-17T08:00:00Z", param, ctx
            )


since_option: Decorator = click.option(
    "--since", type=Moment(), help="Only what was published since: 2h, 30m, 7d, or 2026-07-17T08:00:00Z."
)
severity_option: Decorator = click.option(
    "--severity",
    type=click.Choice(list(SEVERITIES)),
    help="Only from this severity up.",
)
