"""The documentation says what is there: links, commands and options, make's targets, settings, paths and examples."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import date
from pathlib import Path

import click
import msgspec
import pytest
import yaml

from streams.backtest.watchlist_lint import remarks
from streams.cli import straymail
from streams.config import NOT_SETTINGS, Settings, setting_names
from streams.domains.settings import ScorerSettings
from streams.domains.watchlist.file import read_watchlist
from streams.events.alert_view import read_alert
from streams.events.mail import decode
from streams.events.reasons import Reason
from streams.metrics import GateMetrics, Metrics
from tests.broker.jars import KAFKA_VERSION, OTHER_VERSIONS
from tests.docs.markdown import PAGES, ROOT, anchors, blocks, calls, inline_code, links
from tests.schemas.load import is_valid, schema

DOCS = ROOT / "docs"
TODAY = date(2026, 11, 24)
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), f"{link} leads nowhere"
        assert not anchor or anchor in anchors(target), f"{link}: no such heading"


@every_page
def test_commands_are_called_as_they_want(page: Path) -> None:
    for arguments in calls(page, "straymail"):
        _parse(straymail, arguments)


def _parse(command: click.Command, arguments: list[str]) -> None:
    """Parse as the command line does, and call nothing. Raises click's usage errors, which name what is wrong.

    A command's bare name is a mention, which needs no arguments.
    """
    while isinstance(command, click.Group) and arguments and not arguments[0].startswith("-"):
        inner = command.get_command(click.Context(command), arguments[0])
        assert inner is not None, f"there is no command {arguments[0]}"
        command, arguments = inner, arguments[1:]
    if arguments:
        with suppress(click.exceptions.Exit):  # --help and --version
            command.make_context(command.name, list(arguments))


def test_commands_are_found_in_the_pages() -> None:
    called = {arguments[0] for page in PAGES for arguments in calls(page, "straymail") if arguments}
    assert called >= set(straymail.list_commands(click.Context(straymail)))


def test_a_wrong_option_would_be_seen() -> None:
    with pytest.raises(click.UsageError):
        _parse(straymail, ["alerts", "--sevreity", "high"])


def test_make_has_the_targets() -> None:
    makefiles = [ROOT / "Makefile", *(ROOT / "bench").glob("*.mk")]
    targets = {name for file in makefiles for name in re.findall(r"^([\w.-]+):", file.read_text(), re.MULTILINE)}
    targets |= {".venv/.dev"}
    named = {word for page in PAGES for words in calls(page, "make") for word in words if "=" not in word}
    assert named, "no page tells a target"
    assert named <= targets


@every_page
def test_variables_are_settings(page: Path) -> None:
    known = setting_names().keys() | NOT_SETTINGS
    for name in re.findall(r"STRAYMAIL_[A-Z_]*", page.read_text()):
        if name.endswith("_"):  # STRAYMAIL_SECURITY_*
            assert any(setting.startswith(name) for setting in known), name
        else:
            assert name in known


@every_page
def test_dotted_settings_are_settings_or_values_of_the_chart(page: Path) -> None:
    known = set(setting_names().values())
    sections = {name.split(".")[0] for name in known if "." in name}
    values = yaml.safe_load((ROOT / "deploy" / "helm" / "values.yaml").read_text())
    known |= {f"{section}.{name}" for section, inner in values.items() if isinstance(inner, dict) for name in inner}
    for code in inline_code(page):
        if (match := re.fullmatch(r"(\w+\.\w+)(: .*)?", code)) and match[1].split(".")[0] in sections:
            assert match[1] in known


@every_page
def test_paths_are_there(page: Path) -> None:
    for code in inline_code(page):
        if re.match(r"(streams|tests|bench|schemas|docs)/", code) and "example" not in code:
            assert (ROOT / code).exists() or _is_test_of(code), code


def _is_test_of(path: str) -> bool:
    """A test's path that shows where tests of a module stand."""
    return path.startswith("tests/") and (ROOT / "streams" / path.removeprefix("tests/").replace("test_", "")).exists()


@every_page
def test_metrics_are_exported(page: Path) -> None:
    metrics = Metrics("0")
    GateMetrics(metrics, protocols=(), decisions=(), faults=())
    exported = metrics.exposition()[0].decode()
    for name in re.findall(r"`(straymail_[a-z_]+)", page.read_text()):
        assert f"# TYPE {name} " in exported


@every_page
def test_json_and_yaml_can_be_read(page: Path) -> None:
    for language, text in blocks(page):
        if language == "yaml":
            yaml.safe_load(text)
        elif language == "json":
            [json.loads(part) for part in _documents(text)]


def _documents(text: str) -> list[str]:
    """One document, or one on each line."""
    return text.splitlines() if text.startswith('{"') else [text]


def _examples(language: str, start: str) -> list[str]:
    return [text for page in PAGES for found, text in blocks(page) if found == language and text.startswith(start)]


def test_watchlists_can_be_used_and_leave_lint_nothing_to_say(tmp_path: Path) -> None:
    examples = _examples("yaml", "# watchlist.yaml")
    assert len(examples) > 1
    for number, text in enumerate(examples):
        path = tmp_path / f"{number}.yaml"
        path.write_text(text)
        watchlist = read_watchlist(path, today=TODAY)
        assert watchlist.mistakes
        assert list(remarks(watchlist, ScorerSettings(), TODAY)) == []


def test_configurations_can_be_used() -> None:
    examples = _examples("yaml", "# straymail.yaml")
    assert examples
    for text in examples:
        assert Settings(**yaml.safe_load(text)).watchlist is not None


def test_mail_events_can_be_read() -> None:
    examples = _examples("json", '{"id"')
    assert examples
    for line in "".join(examples).splitlines():
        assert decode(line.encode(), now_ms=None).recipients


def test_the_whole_alert_is_one() -> None:
    [text] = [text for language, text in blocks(DOCS / "alerts.md") if language == "json"]
    assert is_valid("alert", json.loads(text))
    assert read_alert(text.encode()).domain == "army.ml"
    assert msgspec.json.decode(text)["count"] == 1


def test_each_field_of_an_alert_is_told() -> None:
    alert = schema("alert")
    told = {part for code in inline_code(DOCS / "alerts.md") for part in code.split(".")}
    containers = {"metadata", "finding_info", "unmapped"}
    assert (set(alert["properties"]) - containers) | set(alert["$defs"]["straymail"]["properties"]) <= told


def test_each_reason_of_a_dead_letter_is_told() -> None:
    assert set(Reason) <= set(inline_code(DOCS / "replay.md"))


def test_the_versions_of_kafka_are_those_of_the_tests() -> None:
    tested = re.findall(r"^\| (\d+\.\d+)\b", (DOCS / "kafka-versions.md").read_text(), re.MULTILINE)
    assert tested == [version.rpartition(".")[0] for version in (KAFKA_VERSION, *OTHER_VERSIONS)]


def test_the_readme_leads_to_each_page() -> None:
    led = {(ROOT / link).resolve() for link in links(ROOT / "README.md")}
    assert set(DOCS.glob("*.md")) <= led
