"""The command line. Each command is imported only when it is called, so that `--help` stays fast."""

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
    *("score", "worker", "topics", "check", "publish", "alerts", "hits", "triage", "report", "replay", "demo"),
    *("import", "backtest", "watchlist", "learn", "forget", "console", "notify", "gate"),
)
"""Each command is a function in the module of the same name in this package; `import` has a `_` appended to it."""
INTERRUPTED = 128 + signal.SIGINT
PIPE_CLOSED = 128 + signal.SIGPIPE
"""The exit codes that a shell reports for a process that these signals have ended."""


class Commands(click.Group):
    """Click group that imports each command only when it is called or listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All command names, in the order in which a new user needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command with this name, None if there is none."""
        if cmd_name not in COMMANDS:
            return None
        name = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        command: click.Command = getattr(import_module(f"{__name__}.{name}"), name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command and return its exit code; end quietly if the reader of stdout has closed it (`| head`)."""
        try:
            exit_code = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return PIPE_CLOSED
        return exit_code


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="straymail")
def straymail() -> None:
    """Finds mail sent to a mistyped domain (army.ml for army.mil) in a stream of mail events on Kafka.

    Settings come from environment variables (STRAYMAIL_BROKERS and so on), which override those of a YAML file
    (--config). When stdout is not a terminal, commands write JSON lines. Exit code: 0 done, 1 failed, 2 wrong usage or
    configuration.
    """


def run(arguments: list[str] | None = None) -> int:
    """Run a command line, by default that of the process, and return its exit code."""
    try:
        exit_code = straymail.main(arguments, prog_name="straymail", standalone_mode=False)
    except click.Abort:
        return INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return error.exit_code
    except click.ClickException as error:
        from streams.cli.shared.usage_errors import sentence  # only mistakes need it

        _print_error(sentence(error))
        return error.exit_code
    except StraymailError as error:
        _print_error(str(error))
        return error.exit_code
    return exit_code if isinstance(exit_code, int) else 0


def main() -> NoReturn:
    """Entry point of the `straymail` script."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a process starts with text files there
    sys.exit(run())


def _print_error(message: str) -> None:
    from streams.events.safe_text import clean

    click.echo(f"straymail: {clean(message)}", err=True)
