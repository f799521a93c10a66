"""What `check` refuses for a worker, a console and `notify`: what they would refuse themselves."""

from __future__ import annotations

import socket
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.cli.conftest import RunCommand

TOKEN = "sixteen letters.."  # noqa: S105


@pytest.fixture(autouse=True)
def free_port(monkeypatch: pytest.MonkeyPatch) -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    monkeypatch.setenv("STRAYMAIL_WEB_PORT", str(port))
    return port


@pytest.mark.parametrize(
    ("settings", "subject", "says"),
    [
        ("security: {protocol: SSL, ca_file: nosuch.pem}", "security", "security.ca_file: can't read nosuch.pem"),
        ("security: {protocol: SSL, ca_file: s.yaml}", "security", "contains no PEM certificates"),
        ("web: {host: nosuch.invalid}", "web", "web.host and web.port: can't listen on nosuch.invalid"),
        ("scorer: {known: nosuch.txt}", "scorer", "nosuch.txt: the file of known domains can't be read"),
        ("console: {host: 0.0.0.0}", "console", "console.host is 0.0.0.0, where others can reach the console"),
        (f"console: {{token: {TOKEN}, user_header: X-User}}", "console", "two ways to authenticate visitors: set one"),
        ("notify: {template: nosuch}", "console", "can't read the template nosuch"),
        ("notify: {from_address: a@b.c}", "notify", "own_domains is empty"),
        ("own_domains: [b.c]\nnotify: {from_address: a@b.c, smtp_user: a}", "notify", "belong together: set both"),
        (
            "notify: {channels: [{name: soc, url: 'nosuch://hidden'}]}",
            "notify",
            "notify.channels: soc: its URL is none",
        ),
        ("notify: {channels: [{name: soc, url_file: nosuch}]}", "notify", "soc: can't read its url_file nosuch"),
        (
            "own_domains: [b.c]\ndead_letters: metadata\nprivacy: {sender: hmac}\nnotify: {from_address: a@b.c}",
            "notify",
            "privacy.sender is hmac",
        ),
    ],
)
def test_what_a_process_refuses_is_refused_by_check(
    run: RunCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: str, subject: str, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("s.yaml").write_text(settings)
    done = run("check", "--offline", "--config", "s.yaml")
    assert [row["subject"] for row in done.rows if row["level"] == "error"] == [subject]
    assert says in done.out.decode()
    assert "hidden" not in done.out.decode() + done.err
    assert done.exit_code == 2


@pytest.mark.parametrize("command", ["console --config s.yaml", "notify --config s.yaml --send"])
def test_the_process_says_the_same(
    run: RunCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("s.yaml").write_text("console: {host: 0.0.0.0}\nnotify: {from_address: a@b.c}\n")
    done = run(*command.split())
    said = done.err.removeprefix("straymail: ").rstrip()
    assert done.exit_code == 2
    assert said in [row["what"] for row in run("check", "--offline", "--config", "s.yaml").rows]


def test_a_port_in_use_is_refused_unless_a_worker_has_it(run: RunCommand, free_port: int) -> None:
    pages = {"ours": b"straymail_build_info 1\n", "another's": b"hello\n"}
    found = {}
    for whose, page in pages.items():
        with HTTPServer(("127.0.0.1", free_port), _serving(page)) as server:
            thread = Thread(target=server.serve_forever)
            thread.start()
            found[whose] = [row["subject"] for row in run("check", "--offline").rows if row["level"] == "error"]
            server.shutdown()
            thread.join()
    assert found == {"ours": [], "another's": ["web"]}


def _serving(page: bytes) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: object) -> None:
            """Nothing is logged."""

    return Handler
