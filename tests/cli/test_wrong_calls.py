"""The wrong calls of a new user: each is answered by one sentence that says what is wrong, where, and what to do."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest

from streams.config import setting_names
from streams.did_you_mean import or_list
from streams.sources.registry import SOURCES
from tests.cli.conftest import RunCommand


@dataclass(frozen=True)
class WrongCall:
    """A command line, the sentence that answers it (without `straymail: `), and how the command ends."""

    line: str
    says: str
    exit_code: int = 2


EVENT = '{"id":"1","time":"2026-03-01T10:00:00Z","sender":"a@mod.uk","recipients":["bob@army.ml"]}\n'
FILES = {
    "watchlist.yaml": "watched: ['*.mil', mod.gov.uk]\nmistakes: {army.ml: army.mil}\n",
    "events.jsonl": EVENT,
}
"""What the calls name, in the folder where they are made; `folder` is a folder."""
IN_HELP = "See 'straymail {} --help'."
ALL_SOURCES = or_list("", SOURCES)
SPAN_OR_TIME = "a duration such as 2h, 30m or 7d nor a time such as 2026-07-17T08:00:00Z"

COMMANDS = [
    WrongCall("wroker", "there is no command 'wroker': did you mean 'worker'? See 'straymail --help'."),
    WrongCall("Check", "there is no command 'Check': did you mean 'check'? See 'straymail --help'."),
    WrongCall("frobnicate", "there is no command 'frobnicate'. See 'straymail --help'."),
    WrongCall("watchlist lnt", "there is no command 'lnt': did you mean 'lint'? See 'straymail watchlist --help'."),
    WrongCall("topics creat", "there is no command 'creat': did you mean 'create'? See 'straymail topics --help'."),
    WrongCall("--verbose", "there is no option --verbose. See 'straymail --help'."),
    WrongCall("check --ofline", "there is no option --ofline: did you mean '--offline'? See 'straymail check --help'."),
    WrongCall(
        "alerts --sevrity low", f"there is no option --sevrity: did you mean '--severity'? {IN_HELP.format('alerts')}"
    ),
    WrongCall("worker --brokers a:1", "there is no option --brokers. See 'straymail worker --help'."),
    WrongCall(
        "alerts now", "there is no argument to be given here as 'now': leave it out. See 'straymail alerts --help'."
    ),
    WrongCall("hits --domain", "--domain needs a value after it"),
    WrongCall("publish", "give FILES (- for stdin), or --sample. See 'straymail publish --help'."),
    WrongCall("watchlist explain", "DOMAIN is missing. See 'straymail watchlist explain --help'."),
    WrongCall(
        "watchlist diff watchlist.yaml watchlist.yaml", f"--events is missing. {IN_HELP.format('watchlist diff')}"
    ),
    WrongCall("forget", "ADDRESS|DOMAIN is missing. See 'straymail forget --help'."),
    WrongCall(
        "learn",
        f"SOURCE is missing: {ALL_SOURCES}. {IN_HELP.format('learn')}",
    ),
]
VALUES = [
    WrongCall(
        "backtest jsnol events.jsonl",
        "SOURCE: 'jsnol' can't be used: did you mean 'jsonl'? See 'straymail backtest --help'.",
    ),
    WrongCall(
        "import Postfix mail.log",
        "SOURCE: 'Postfix' can't be used: did you mean 'postfix'? See 'straymail import --help'.",
    ),
    WrongCall(
        "alerts --severity hi", "--severity: 'hi' can't be used: did you mean 'high'? See 'straymail alerts --help'."
    ),
    WrongCall(
        "publish events.jsonl --compression gzip",
        f"--compression: 'gzip' can't be used: use lz4 or zstd. {IN_HELP.format('publish')}",
    ),
    WrongCall(
        "console --port http",
        "--port: 'http' is no number: give a whole number from 1 up to 65535. See 'straymail console --help'.",
    ),
    WrongCall(
        "console --port 0", "--port: 0 can't be used: give a number from 1 up to 65535. See 'straymail console --help'."
    ),
    WrongCall("replay --limit 0", "--limit: 0 can't be used: give a number from 1 on. See 'straymail replay --help'."),
    WrongCall(
        "score --watchlist watchlist.yaml --typo 2 army.ml",
        "--typo: 2.0 can't be used: give a number above 0 up to 1. See 'straymail score --help'.",
    ),
    WrongCall(
        "alerts --since yesterday",
        f"--since: 'yesterday' is neither {SPAN_OR_TIME}. {IN_HELP.format('alerts')}",
    ),
    WrongCall(
        "score --watchlist folder army.ml",
        "--watchlist: folder is a folder: name a file. See 'straymail score --help'.",
    ),
]


@pytest.fixture(autouse=True)
def new_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder with some files, without any setting."""
    for name in (*setting_names(), "STRAYMAIL_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("call", [*COMMANDS, *VALUES], ids=lambda call: call.line)
def test_a_wrong_call_is_answered_by_one_sentence(call: WrongCall, run: RunCommand) -> None:
    done = run(*shlex.split(call.line))
    assert done.err == f"straymail: {call.says}\n"
    assert (done.out, done.exit_code) == (b"", call.exit_code)
