"""Somebody who follows the documentation: a folder, a shell, and what stands for addresses that aren't here."""

from __future__ import annotations

import os
import re
import shutil
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.broker.jars import jars
from tests.broker.ports import free_ports
from tests.docs.markdown import ROOT, Command, blocks, commands_in
from tests.docs.not_run import why_not
from tests.docs.outputs import agrees
from tests.docs.reader_files import lay_out, pack_mails
from tests.docs.terminal import Terminal
from tests.pipeline.worker import TookTooLongError, wait_until

DAY_SHOWN = "2026-11-24"
ENDED, INTERRUPTED = 0, 130
CONSOLE_CONSUMER = "org.apache.kafka.tools.consumer.ConsoleConsumer"
KEPT = {"watchlist.yaml": "etc/straymail/watchlist.yaml", "privacy.key": "run/secrets/straymail-privacy-key"}
"""What a reader of the README has made, and where other pages have it."""
RUN_SECONDS = 120.0
NOT_COPIED = (".venv", ".git", "node_modules", "__pycache__", ".*_cache")
OUTER_PATH = re.compile(r"(?:(?<![\w./:~@-])|(?<=file:))(?:/(?=(?:etc|opt|run|var)/)|~/)")
PORT = re.compile(r"(?<=[=:])60\d\d\b")
NAMED_FILE = re.compile(r"# ([\w.-]+)\n")


def _answers(url: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  # of this machine
        return bool(answer.status == 200)
    return False


def _is_written(path: Path) -> Callable[[Terminal], bool]:
    """Whether the file has come, or changed, since now."""

    def state() -> int:
        return path.stat().st_mtime_ns if path.exists() else 0

    before = state()
    return lambda _: state() != before


class Reader:
    """Runs the blocks of pages in order; what goes on for ever ends with the `with` block, by Ctrl-C, and in order."""

    def __init__(self, root: Path, folder: Path, brokers: str, environment: Mapping[str, str]) -> None:
        """`root` stands for the machine's, of which pages name files; `folder`, in it, is where commands are typed."""
        self._root, self.folder, self._brokers, self._environment = root, folder, brokers, environment
        self._yesterday = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86_400))
        self._ports = dict(zip(("6066", "6067", "6080"), free_ports(3), strict=True))
        self._shell = root / "environment.sh"
        self._shell.touch()
        self.running: list[Terminal] = []
        lay_out(root, folder)

    def another(self, page: Path) -> Reader:
        """The same reader on another machine, with the files and settings that there are by now.

        A page that has a file with settings of its own needs no others.
        """
        root = self._root / "pages" / page.stem
        shutil.copytree(self.folder, root / "straymail", ignore=lambda _, names: set(names) - KEPT.keys())
        for own in ROOT.iterdir():
            if (self.folder / own.name).exists():
                (root / "straymail" / own.name).symlink_to(self.folder / own.name)
        reader = Reader(root, root / "straymail", self._brokers, self._environment)
        for name, where in KEPT.items():
            shutil.copy(self.folder / name, root / where)
        has_own = any(text.startswith("# straymail.yaml") for _, text in blocks(page))
        exports = self._shell.read_text().splitlines(keepends=True)
        reader._shell.write_text("".join(line for line in exports if not (has_own and " STRAYMAIL_" in line)))
        pack_mails((self.folder / "mails.jsonl").read_text(), reader.folder)
        return reader

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        statuses = {terminal.line: terminal.interrupt(RUN_SECONDS) for terminal in reversed(self.running)}
        if kind is None:
            for line, status in statuses.items():
                assert status in (ENDED, INTERRUPTED), f"{line}: exit code {status} after Ctrl-C"

    def follow(self, page: Path) -> None:
        """Do what the page says; AssertionError where it isn't so."""
        for language, text in blocks(page):
            if language == "yaml" and (named := NAMED_FILE.match(text)):
                (self.folder / named[1]).write_text(self.here(text))
            if language == "json" and text.startswith('{"id"'):
                pack_mails(self.here(text), self.folder)
            for command in commands_in(language, text):
                if why_not(command.line) is None:
                    self.run(command)

    def here(self, text: str) -> str:
        """The text with addresses, ports, paths and days of this machine in place of those that pages have."""
        text = re.sub(r"kafka\d:9092(,kafka\d:9092)*", self._brokers, text)
        text = re.sub(r"^security: .*\n", "", text, flags=re.MULTILINE)  # tests/security logs in
        text = text.replace("host: 0.0.0.0", "host: 127.0.0.1")
        text = OUTER_PATH.sub(lambda found: f"{self._root}/{'home/' if found[0] == '~/' else ''}", text)
        text = PORT.sub(lambda found: str(self._ports[found[0]]), text)
        return text.replace(DAY_SHOWN, self._yesterday).replace(DAY_SHOWN[5:], self._yesterday[5:])

    def run(self, command: Command) -> None:
        """Type it, and await what the page says: that it ends well, or goes on and has begun its work."""
        line, shown = self.here(command.line).removesuffix(" &"), self.here(command.output or "")
        begun = self._sign_of_work(line)
        terminal = self._type(line, shown)
        if begun is None:
            self._await(terminal, lambda: terminal.status is not None, "its end")
            fails = re.search("^error", shown, re.MULTILINE) is not None
            assert (terminal.wait(RUN_SECONDS) != 0) is fails, f"{line}: exit code {terminal.status}\n{terminal.text}"
        else:
            self.running.append(terminal)
            self._await(terminal, lambda: begun(terminal), "a sign of work")
        if command.output is not None:
            self._await(terminal, lambda: agrees(shown, terminal.text), f"what the page shows:\n{shown}")

    def _await(self, terminal: Terminal, condition: Callable[[], bool], what: str) -> None:
        try:
            wait_until(lambda: condition() or terminal.status is not None, seconds=RUN_SECONDS, what=what)
        except TookTooLongError as late:
            terminal.kill()
            raise AssertionError(f"{terminal.line}: {late}\n--- it wrote\n{terminal.text[-4000:]}") from late
        assert condition(), f"{terminal.line}: it has ended without {what}\n--- it wrote\n{terminal.text[-4000:]}"

    def _type(self, line: str, shown: str) -> Terminal:
        """On a terminal of the width that the page's output fits; what is set stays set for the lines that follow."""
        longest = max(map(len, shown.splitlines()), default=0)
        columns = next(width for width in (80, 100, 120, 1_000) if longest <= width)
        own = {
            "STRAYMAIL_WEB_PORT": self._ports["6066"],
            "STRAYMAIL_CONSOLE_PORT": self._ports["6080"],
            "STRAYMAIL_GATE_PORT": self._ports["6067"],
            "COLUMNS": columns,
            "LINES": 50,
        }
        settings = " ".join(f"{name}={value}" for name, value in own.items())
        script = f"set -a; . {self._shell}; {settings}; trap 'export -p >{self._shell}' EXIT\n{line}\n"
        return Terminal(line, script, folder=self.folder, environment=self._environment)

    def _sign_of_work(self, line: str) -> Callable[[Terminal], bool] | None:
        """The output by which a command that never ends shows that it works; None for one that ends."""
        if re.search(r"straymail worker", line):
            port = re.search(r"WEB_PORT=(\d+)", line)
            return lambda _: _answers(f"http://127.0.0.1:{port[1] if port else self._ports['6066']}/health/ready")
        if re.search(r"straymail gate", line):
            return lambda _: _answers(f"http://127.0.0.1:{self._ports['6067']}/health/ready")
        if re.search(r"straymail console", line):
            return lambda _: _answers(f"http://127.0.0.1:{self._ports['6080']}/health")
        if written := re.search(r"--follow .*?(?:--position|>>) (\S+)", line):
            return _is_written(self.folder / written[1])
        if re.search(r"notify .*--send", line):
            return _is_written(self._root / "var/lib/straymail/notify.sqlite")
        if re.search(r"--follow|tests.broker.apache|kafka-console-consumer", line):
            return lambda terminal: terminal.text.strip() != ""
        return None


def checkout(root: Path) -> Path:
    """A copy of this checkout without what was made in it; `.venv` is the environment of this test, as make has it."""
    folder = root / "straymail"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*NOT_COPIED))
    (folder / ".venv").symlink_to(sys.prefix)
    os.utime(folder / "pyproject.toml", (0, 0))  # so that make doesn't bring the environment up to date
    return folder


def login(root: Path) -> dict[str, str]:
    """The environment of a shell that was just opened, with Python and Kafka's own tools on the path."""
    tools = root / "bin"
    tools.mkdir()
    consumer = tools / "kafka-console-consumer.sh"
    consumer.write_text(f"#!/bin/sh\nexec java -cp '{jars()}/*' {CONSOLE_CONSUMER} \"$@\"\n")
    consumer.chmod(0o755)
    path = [folder for folder in os.environ["PATH"].split(os.pathsep) if not folder.startswith(sys.prefix)]
    kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "STRAYMAIL_CACHE"))}
    return kept | {
        "HOME": str(Path.home()),
        "LANG": "C.UTF-8",
        "PATH": os.pathsep.join([str(tools), f"{sys.base_prefix}/bin", *path]),
        "TERM": "dumb",
    }
