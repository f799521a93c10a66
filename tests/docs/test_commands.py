"""Every command in the documentation runs as written, and writes what is shown: in an environment that the README's
own lines install, on a real Kafka.

A new block is run by default; what can't run here stands in `tests/docs/not_run.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.broker.apache import ApacheKafka
from tests.broker.contract import produce
from tests.docs.markdown import PAGES, ROOT, commands
from tests.docs.not_run import NOT_RUN, why_not
from tests.docs.outputs import agrees
from tests.docs.reader import Reader, checkout, login
from tests.pipeline.worker import wait_until

pytestmark = pytest.mark.timeout(900)  # an installation, a demo, some hundred commands
FIRST = [ROOT / "README.md", ROOT / "docs" / "sources" / "README.md"]
"""What a reader does before any other page: installs, starts a worker, and one for history."""
BURIED = "It was sent to mail.dead-letters."
AT_ONCE = 4
"""Pages are followed so many at a time: most of the time is spent waiting for Kafka's groups."""
OTHERS = [page for page in PAGES if page not in FIRST and any(why_not(each.line) is None for each in commands(page))]


@pytest.fixture(scope="module")
def reader(apache_kafka: ApacheKafka, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Has done what the first pages say, and their workers go on; there are dead letters."""
    root = tmp_path_factory.mktemp("reader")
    with Reader(root, checkout(root), apache_kafka.bootstrap, login(root)) as reader:
        for page in FIRST:
            reader.follow(page)
        unreadable = (reader.folder / "unreadable.jsonl").read_bytes().splitlines()
        produce(apache_kafka, "mail.events", unreadable)
        live = reader.running[0]
        wait_until(lambda: live.text.count(BURIED) == len(unreadable), seconds=60, what="they are dead letters")
        yield reader


def test_what_the_first_pages_start_goes_on(reader: Reader) -> None:
    assert len([terminal for terminal in reader.running if "straymail worker" in terminal.line]) == len(FIRST)
    assert [terminal.line for terminal in reader.running if terminal.status is not None] == []


def test_the_commands_of_the_other_pages(reader: Reader) -> None:
    def wrong(page: Path) -> str | None:
        try:
            with reader.another(page) as one:
                one.follow(page)
        except AssertionError as error:
            return f"{page.relative_to(ROOT)}: {error}"
        return None

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert "\n".join(filter(None, pool.map(wrong, OTHERS))) == ""


def test_nothing_is_left_out_that_no_page_has() -> None:
    assert {why_not(command.line) for page in PAGES for command in commands(page)} - {None} == NOT_RUN.keys()


@pytest.mark.parametrize(
    ("shown", "written", "is_so"),
    [
        ("2 sent in 0.5 s (4 a second)", "2 sent in 12 s (1,004 a second)\n", True),
        ("2 sent in 0.5 s", "3 sent in 0.5 s", False),
        ("first\n[...]\nlast", "first\nsecond\nthird\nlast\n", True),
        ("first\n[...]", "first\n", True),
        ("first\nlast", "first\nsecond\nlast\n", False),
        ("first", "", False),
        ("ok      here", "ok here", True),
    ],
)
def test_outputs_are_compared(shown: str, written: str, is_so: bool) -> None:
    assert agrees(shown, written) is is_so
