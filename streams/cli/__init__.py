"""The command line: one file a command, loaded when it is called. Nothing heavy is imported before that."""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module
from keyword import iskeyword
from typing import NoReturn

import click

from streams import __version__
from streams.errors import StraymailError

COMMANDS = (
    *("score", "worker", "topics", "check", "publish", "alerts", "hits", "replay", "demo"),
    *("import", "backtest", "watchlist", "console", "notify"),
)
"""Each is the function of its name in the module of its name in this package, with `_` where Python has the word."""
INTERRUPTED = 128 + signal.SIGINT
PIPE_CLOSED = 128 + signal.SIGPIPE


class Commands(click.Group):
    """The commands by name, each imported only when it is called or listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the table, which is that of use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, None where there is none."""
        if cmd_name not in COMMANDS:
            return None
        name = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        command: click.Command = getattr(import_module(f"{__name__}.{name}"), name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a reader that has gone away (`| head`) ends it quietly."""
        try:
            status = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return PIPE_CLOSED
        return status


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="straymail")
def straymail() -> None:
    """Finds mail sent to a mistyped domain (army.ml for army.mil) in a stream of mail events on Kafka.

    Settings come from the environment (STRAYMAIL_BROKERS and so on) over a YAML file (--config). Where stdout is no
    terminal, commands write JSON lines. Exit status: 0 done, 1 failed, 2 called or configured wrongly.
    """


def run(arguments: list[str] | None = None) -> int:
    """Run a command line (that of the process when none is given) and tell its exit status."""
    try:
        status = straymail.main(arguments, prog_name="straymail", standalone_mode=False)
    except click.Abort:
        return INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return error.exit_code
    except click.ClickException as error:
        _complain(_told(error))
        return error.exit_code
    except StraymailError as error:
        _complain(str(error))
        return error.exit_code
    return status if isinstance(status, int) else 0


def main() -> NoReturn:
    """The entry point `straymail`."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # at its start a process has text files there
    sys.exit(run())


def _told(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    message = error.format_message()
    return f"{message} See '{context.command_path} --help'." if context else message


def _complain(message: str) -> None:
    from streams.events.safe_text import clean

    click.echo(f"straymail: {clean(message)}", err=True)
