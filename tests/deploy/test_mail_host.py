"""docs/mail-host.md, followed line by line in a chroot: what it installs, and gate and worker as their units say."""

from __future__ import annotations

import re
import stat
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.broker.apache import ApacheKafka
from tests.broker.ports import free_ports
from tests.cache import UnavailableError
from tests.deploy.mail_host import MailHost
from tests.docs.markdown import ROOT, commands_in
from tests.pipeline.worker import wait_until

pytestmark = pytest.mark.timeout(900, func_only=True)

PAGE = ROOT / "docs" / "mail-host.md"
UNITS = ("straymail-gate", "straymail-worker")
SOCKETS = "/var/spool/postfix/straymail"
REQUEST = (
    "request=smtpd_access_policy\nprotocol_state=RCPT\nsender=jo@mod.gov.uk\nrecipient=sam@{}\nsasl_username=jo\n"
    "client_address=192.0.2.7\ninstance={}\n\n"
)


def lines(*sections: str) -> list[str]:
    """The command lines of sections of the page, as root types them; without those of systemd, which isn't there."""
    parts = re.split(r"^## (.+)$", PAGE.read_text(), flags=re.MULTILINE)
    texts = dict(zip(parts[1::2], parts[2::2], strict=True))
    blocks = [block for name in sections for block in re.findall(r"```sh\n(.*?)```", texts[name], flags=re.DOTALL)]
    typed = [command.line.removeprefix("sudo ") for block in blocks for command in commands_in("sh", block)]
    return [line for line in typed if not line.startswith("systemctl")]


def settings() -> dict[str, object]:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)
    shown: dict[str, object] = yaml.safe_load(block)
    return shown


@pytest.fixture(scope="module")
def mail_host() -> Iterator[MailHost]:
    """A host on which the page's section Install has been followed."""
    try:
        made = MailHost()
    except UnavailableError as reason:
        pytest.skip(str(reason))
    with made as host:
        for line in lines("Install"):
            host.root_shell(line)
        yield host


@pytest.fixture(scope="module")
def ports(mail_host: MailHost, apache_kafka: ApacheKafka) -> dict[str, int]:
    """The ports of gate and worker on a host whose settings are those of the page, with a Kafka."""
    gate, worker = free_ports(2)
    shown = settings()
    shown["gate"] = {**shown["gate"], "mode": "confirm", "port": gate}  # type: ignore[dict-item]
    kafka = {"brokers": apache_kafka.bootstrap, "topic_prefix": "mail-host.", "web": {"port": worker}}
    mail_host.write("/etc/straymail/straymail.yaml", yaml.safe_dump({**shown, **kafka}))
    mail_host.write("/etc/straymail/watchlist.yaml", "watched: ['*.mil']\n")
    for line in lines("Settings", "Start"):
        mail_host.root_shell(line)
    return {"straymail-gate": gate, "straymail-worker": worker}


def ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_what_is_installed_belongs_to_whom_it_must(mail_host: MailHost) -> None:
    def of(path: str) -> tuple[str, str]:
        owner = mail_host.root_shell(f"stat --format=%U:%G {path}").strip()
        return owner, stat.filemode((mail_host.root / path.lstrip("/")).stat().st_mode)

    assert of("/etc/straymail") == ("root:straymail", "drwxr-s---")
    assert of(SOCKETS) == ("straymail:postfix", "drwxr-s---")
    assert mail_host.root_shell("getent passwd straymail").strip().endswith("/usr/sbin/nologin")
    assert "straymail, version" in mail_host.root_shell("straymail --version")


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_takes_the_unit_and_finds_little_exposed(mail_host: MailHost, unit: str) -> None:
    assert mail_host.root_shell(f"systemd-analyze verify /etc/systemd/system/{unit}.service") == ""
    told = mail_host.root_shell(
        f"systemd-analyze security --offline=true --threshold=20 /etc/systemd/system/{unit}.service"
    )
    assert "OK" in told.splitlines()[-1]


@pytest.mark.parametrize("unit", UNITS)
def test_the_service_becomes_ready_and_stops(mail_host: MailHost, ports: dict[str, int], unit: str) -> None:
    process = subprocess.Popen(mail_host.service(unit), stderr=subprocess.PIPE, text=True)
    try:
        wait_until(lambda: ready(ports[unit]), seconds=60, what=f"{unit} is ready")
    finally:
        process.terminate()
        log = process.communicate(timeout=60)[1]
    assert process.returncode == 0, log


def test_postfix_asks_from_its_chroot_and_nobody_else_can(mail_host: MailHost, ports: dict[str, int]) -> None:
    process = subprocess.Popen(mail_host.service("straymail-gate"), stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: ready(ports["straymail-gate"]), seconds=60, what="the gate is ready")
        for protocol in ("policy", "milter"):
            assert stat.filemode((mail_host.root / f"{SOCKETS}/{protocol}".lstrip("/")).stat().st_mode) == "srw-rw----"
        asked = mail_host.ask_as("postfix", "/var/spool/postfix", "straymail/policy", REQUEST.format("army.ml", "1"))
        assert asked.startswith("action=550 5.7.1 [straymail] army.ml is probably a mistake for army.mil.")
        passed = mail_host.ask_as("postfix", "/var/spool/postfix", "straymail/policy", REQUEST.format("army.mil", "2"))
        assert passed == "action=DUNNO"
        other = mail_host.ask_as("nobody", "/", f"{SOCKETS}/policy", REQUEST.format("army.ml", "3"))
        assert "Permission denied" in other
    finally:
        process.terminate()
        assert process.wait(timeout=30) == 0
    assert list((mail_host.root / SOCKETS.lstrip("/")).iterdir()) == []
    assert Path(mail_host.root / "var/lib/straymail/gate.sqlite").exists()
