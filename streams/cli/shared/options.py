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


def epilog(examples: str, exit_codes: str) -> str:
    """Text below a command's help: examples, one per line, and the meaning of its exit codes."""
    return f"\b\nExamples:\n{indent(dedent(examples).strip(), '  ')}\n\nExit code: {exit_codes}"


config_option: Decorator = click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="STRAYMAIL_CONFIG",
    help="YAML file with settings; STRAYMAIL_* environment variables override it.",
)
json_option: Decorator = click.option("--json", "as_json", is_flag=True, help="Write JSON lines, even on a terminal.")
wait_option: Decorator = click.option(
    "--wait", type=click.FloatRange(min=0), default=15, show_default=True, help="How many seconds to wait for Kafka."
)
follow_option: Decorator = click.option(
    "--follow", "-f", is_flag=True, help="Keep running and show what arrives, until Ctrl-C."
)
timezone_option: Decorator = click.option(
    "--timezone",
    metavar="NAME",
    help="Zone of times without an offset, such as Europe/London; default: this machine's.",
)
year_option: Decorator = click.option(
    "--year", type=click.IntRange(1990, 2099), help="Year of the first line, for logs without years."
)


class Moment(click.ParamType):
    """Option type for `2h`, `30m` or `7d` ago, or an RFC 3339 time; the value is integer ms since the epoch."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The time in ms since the epoch. Raises click's usage error if the text is no time."""
        from streams.clock import now_ms

        if isinstance(value, int):
            return value
        try:
            return since_ms(value, now_ms())
        except ValueError:
            self.fail(
                f"{value!r} is neither a duration such as 2h, 30m or 7d nor a time such as 2026-07-17T08:00:00Z",
                param,
                ctx,
            )


since_option: Decorator = click.option(
    "--since",
    type=Moment(),
    help="Only what was published since: a duration ago (30m, 2h, 7d), or a time (2026-07-17T08:00:00Z).",
)
severity_option: Decorator = click.option(
    "--severity",
    type=click.Choice(list(SEVERITIES)),
    help="Only this severity and higher ones.",
)
