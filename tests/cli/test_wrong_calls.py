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
    """A command line, the sentence that answers it (without `straymail: `, and cut at `...`), and how it ends."""

    line: str
    says: str
    exit_code: int = 2


EVENT = '{"id":"1","time":"2026-03-01T10:00:00Z","sender":"a@mod.uk","recipients":["bob@army.ml"]}\n'
FILES = {
    "watchlist.yaml": "watched: ['*.mil', mod.gov.uk]\nmistakes: {army.ml: army.mil}\n",
    "events.jsonl": EVENT,
    "groups.csv": "joe\n",
    "own.yaml": "own_domains: [mod gov.uk]\n",
    "setting.yaml": "brokers: a:1\nsecurity: {pasword: x}\n",
    "empty.yaml": "",
    "misspelt.yaml": "watchd: [army.mil]\n",
    "severity.yaml": "watched: [army.mil]\ngroups: {allies: {severity: hihg}}\n",
    "group.yaml": "watched: [{domain: army.mil, group: alies}]\ngroups: {allies: {severity: high}}\n",
    "date.yaml": "watched: [army.mil]\nallowed: [{domain: army.cz, until: 30.06.2027}]\n",
    "list.yaml": "- army.mil\n",
    "suffix.txt": "mil\n",
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

FILES_AND_FOLDERS = [
    WrongCall("import postfix nosuch.log", "can't read nosuch.log: there is no such file"),
    WrongCall("import postfix folder", "folder is a folder: name its files"),
    WrongCall("import eml folder --dry-run", "there is no message in folder"),
    WrongCall(
        "import mbox --follow events.jsonl --position p",
        "mbox can't be followed: its files are not written line by line",
    ),
    WrongCall(
        "import jsonl --follow events.jsonl", "--follow needs --position FILE, to resume from there after a restart"
    ),
    WrongCall("import jsonl events.jsonl -o nosuch/out", "can't write nosuch/out: No such file or directory"),
    WrongCall(
        "import jsonl events.jsonl --dry-run --timezone Europe/Londn",
        "there is no time zone 'Europe/Londn': did you mean 'Europe/London'?",
    ),
    WrongCall("import postfix", "give a SOURCE and its FILES (- for stdin), or only --finish"),
    WrongCall(
        "import jsonl events.jsonl --prefix 'a b'",
        "topic_prefix (the command line): use letters, digits, dots, hyphens and underscores",
    ),
    WrongCall("publish nosuch.jsonl", "can't read nosuch.jsonl: there is no such file"),
    WrongCall("replay --reason bad-adress", "there is no reason 'bad-adress': did you mean 'bad-address'?"),
    WrongCall(
        "backtest jsonl events.jsonl --report nosuch/report.html",
        "can't write nosuch/report.html: there is no folder {}/nosuch",
    ),
    WrongCall("report nosuch/week.html", "can't write nosuch/week.html: there is no folder {}/nosuch"),
    WrongCall(
        "backtest jsonl events.jsonl --groups groups.csv",
        "groups.csv, line 1: write an address or a domain, a comma and its group",
    ),
    WrongCall(
        "backtest jsonl events.jsonl --groups nosuch.csv",
        "can't read the groups of senders from nosuch.csv: No such file or directory",
    ),
    WrongCall(
        "backtest jsonl events.jsonl --config own.yaml",
        "own_domains (own.yaml, line 1): 'mod gov.uk' is not a domain name: list domains ...",
    ),
]
WATCHLISTS = [
    WrongCall("watchlist lint", "no watchlist is configured: name its FILE, or set STRAYMAIL_WATCHLIST"),
    WrongCall("watchlist lint nosuch.yaml", "nosuch.yaml: can't be read: No such file or directory"),
    WrongCall("watchlist lint empty.yaml", "empty.yaml: no domain is watched: add at least one"),
    WrongCall("watchlist lint misspelt.yaml", "misspelt.yaml, line 1: unknown key 'watchd': did you mean 'watched'?"),
    WrongCall("watchlist lint severity.yaml", "severity.yaml, line 2: 'hihg' is no severity: did you mean 'high'?"),
    WrongCall("watchlist lint group.yaml", "group.yaml, line 1: unknown group 'alies': did you mean 'allies'?"),
    WrongCall("watchlist lint date.yaml", "date.yaml, line 2: '30.06.2027' is not a date: write it as 2027-06-30"),
    WrongCall("watchlist lint list.yaml", "list.yaml, line 1: a list of what? Write 'watched:' above it"),
    WrongCall(
        "watchlist lint suffix.txt", "suffix.txt, line 1: 'mil' has no dot; write '*.mil' for every name under it"
    ),
    WrongCall(
        "watchlist explain army..ml", "'army..ml' is not a domain name: it begins with a dot or has two dots in a row"
    ),
    WrongCall(
        "watchlist diff watchlist.yaml misspelt.yaml --events events.jsonl",
        "misspelt.yaml, line 1: unknown key 'watchd': did you mean 'watched'?",
    ),
    WrongCall(
        "watchlist diff watchlist.yaml watchlist.yaml --events nosuch", "can't read nosuch: there is no such file"
    ),
    WrongCall(
        "score --watchlist misspelt.yaml army.ml",
        "misspelt.yaml, line 1: unknown key 'watchd': did you mean 'watched'?",
    ),
    WrongCall(
        "score --watchlist watchlist.yaml --certain 0.1 army.ml",
        "--certain (0.1) is below --typo (0.5). See 'straymail score --help'.",
    ),
]
ADDRESSES_AND_SETTINGS = [
    WrongCall("forget @", "give an address or a domain, each by itself: not '@'"),
    WrongCall(
        "forget 'army mil'",
        "give an address or a domain: 'army mil' is not a domain name: the label ...",
    ),
    WrongCall("learn jsonl events.jsonl --dry-run", "there is no memory: set own_domains (STRAYMAIL_OWN_DOMAINS)"),
    WrongCall("notify --send", "notify.from_address is not set: set it to the address that the mails come from"),
    WrongCall("gate", "no address to listen on: give --policy, --milter or --http, or set gate.policy and so on"),
    WrongCall(
        "gate --policy 10028",
        "gate.policy (the command line): '10028' is no address to listen on: write HOST:PORT or unix:PATH",
    ),
    WrongCall(
        "console --host 0.0.0.0",
        "console.host is 0.0.0.0, where others can reach the console: set console.token ...",
    ),
    WrongCall(
        "demo --brokers kafka1",
        "--brokers: 'kafka1' is no broker's address: write host:port, such as kafka1:9092",
    ),
    WrongCall("alerts --config nosuch.yaml", "can't read the configuration nosuch.yaml: No such file or directory"),
    WrongCall(
        "hits --config setting.yaml",
        "security.pasword (setting.yaml, line 2): there is no such setting: did you mean 'security.password'?",
    ),
    WrongCall(
        "worker --config list.yaml", "list.yaml should contain settings, one `name: value` per line; it contains a list"
    ),
    WrongCall(
        "alerts --json --format csv", "--json and --format csv can't be used together. See 'straymail alerts --help'."
    ),
    WrongCall(
        "hits --finding 3f --follow",
        "--follow can't be used with --finding: a finding's mails are listed once. See 'straymail hits --help'.",
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


@pytest.mark.parametrize(
    "call", [*COMMANDS, *VALUES, *FILES_AND_FOLDERS, *WATCHLISTS, *ADDRESSES_AND_SETTINGS], ids=lambda call: call.line
)
def test_a_wrong_call_is_answered_by_one_sentence(call: WrongCall, run: RunCommand) -> None:
    done = run(*shlex.split(call.line))
    begins, cut, _ = f"straymail: {call.says.format(Path.cwd())}\n".partition("...")
    assert done.err[: len(begins)] == begins
    assert cut or done.err == begins
    assert done.err.count("\n") == 1
    assert (done.out, done.exit_code) == (b"", call.exit_code)
