"""Every client on a broker with authentication: the listed ACLs suffice, and a missing one is reported in a
sentence."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from streams.events.alert import encode_alert
from streams.kafka.clients.sync_producer import SyncProducer
from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.names import topic_names
from tests.broker.certificates import Authority
from tests.broker.issuer import SCOPE
from tests.broker.secure import PASSWORD, SecureKafka
from tests.cli.conftest import CommandResult
from tests.cli.finding import finding
from tests.gate.mail.running_gate import RunningGate
from tests.gate.policy_client import DUNNO, ask_policy
from tests.pipeline.mail import WATCHLIST
from tests.pipeline.topics import Topics
from tests.pipeline.worker import WorkerProcess, wait_until
from tests.security.acls import ACLS, Acl, Acls
from tests.security.conftest import PRINCIPALS, PRIVACY_KEY, Run, login_by

MAILS = Path(__file__).with_name("mails.jsonl")
COMMANDS: dict[str, tuple[str, ...]] = {
    "publish": ("publish", "--sample"),
    "replay": ("replay",),
    "alerts": ("alerts",),
    "hits": ("hits",),
    "report": ("report", "/dev/null"),
    "triage": ("triage", "a1", "--resolve"),
    "learn": ("learn", "jsonl", str(MAILS)),
    "forget": ("forget", "j.smith@army.mil"),
    "topics create": ("topics", "create", "--wait", "30"),
    "topics check": ("topics", "check", "--wait", "20"),
    "check": ("check", "--wait", "20"),
}


def test_each_command_is_in_the_table() -> None:
    assert ACLS.keys() == COMMANDS.keys() | {"worker", "gate"}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_needs_exactly_the_listed_acls(name: str, run: Run, acls: Acls, admin: KafkaSettings) -> None:
    with SyncProducer(admin, topic_names(admin).alerts) as producer:
        producer.send(encode_alert(finding()), key=b"a1")  # to decide on
    acls.grant(ACLS[name])
    wait_until(lambda: run(*COMMANDS[name]).exit_code == 0, seconds=60, what=f"{name} may do its work")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", [name for name in COMMANDS if "check" not in name])
def test_a_command_reports_a_missing_acl(name: str, run: Run, acls: Acls, admin: KafkaSettings) -> None:
    for topic in (topic_names(admin).correspondents, topic_names(admin).triage):
        with SyncProducer(admin, topic) as producer:
            producer.send(b"no entry", key=b"READ is needed where there is a record")
    with SyncProducer(admin, topic_names(admin).alerts) as producer:
        producer.send(encode_alert(finding()), key=b"a1")
    for missing in ACLS[name]:
        acls.revoke_all()
        acls.grant(acl for acl in ACLS[name] if acl != missing)
        # Kafka reports a topic that the client may not describe as missing.
        arguments = ("topics", "create", "--wait", "5") if name == "topics create" else COMMANDS[name]
        settings = {"TOPIC_PREFIX": f"new-{time.monotonic_ns()}."} if name == "topics create" else {}
        refused = run(*arguments, **settings)
        if name == "replay" and missing.operation == "WRITE" and refused.exit_code == 0:
            continue  # there was nothing to send
        check_refusal(refused)
        assert "(an ACL)" in refused.err or "no such topic" in refused.err, (missing, refused.err)


def check_refusal(refused: CommandResult) -> None:
    """The refusal has exit code 1 and one sentence, without a secret."""
    assert refused.exit_code == 1
    assert len(refused.err.strip().splitlines()) == 1, refused.err
    assert PASSWORD not in refused.err
    assert "Traceback" not in refused.err


@pytest.fixture
def watchlist(tmp_path: Path) -> Path:
    path = tmp_path / "watchlist.yaml"
    path.write_text(WATCHLIST)
    return path


class Start:
    """Starts workers that log in."""

    def __init__(self, login: dict[str, str], prefix: str, watchlist: Path) -> None:
        self._settings = login | {"TOPIC_PREFIX": prefix, "TOPICS_CREATE": "false", "WATCHLIST": str(watchlist)}

    def __call__(self, **settings: str) -> WorkerProcess:
        return WorkerProcess(self._settings | settings)


@pytest.fixture
def new_worker(login: dict[str, str], prefix: str, watchlist: Path) -> Start:
    return Start(login, prefix, watchlist)


GOOD = (
    b'{"id":"e%d","time":%d,"sender":"desk7@mod.gov.uk","recipients":["jo.bloggs@army.ml"],"subject":"Movement order"}'
)


def send(topics: Topics, *values: bytes) -> None:
    topics.send(topics.names.events, iter([("k", value) for value in values]))


@pytest.mark.timeout(300)
def test_a_worker_needs_exactly_the_listed_acls(acls: Acls, admin: KafkaSettings, new_worker: Start) -> None:
    """These cover each client in the worker: Faust's group member, librdkafka's fetcher and its producer."""
    acls.grant(ACLS["worker"])
    topics = Topics(admin, group=f"{admin.topic_prefix}straymail")
    with new_worker() as worker:
        worker.wait_ready()
        send(topics, GOOD % (1, int(time.time() * 1000)), b"unreadable")
        wait_until(lambda: bool(topics.values(topics.names.alerts)), seconds=60, what="an alert")
        wait_until(lambda: topics.values(topics.names.dead_letters) == [b"unreadable"], seconds=60, what="a letter")
        assert worker.stop() == 0
        assert topics.lag(topics.names.events) == 0
        check_log(worker.log)
    topics.close()


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("missing", "remedy"),
    [
        (Acl("READ", "group"), "READ on the group"),
        (Acl("READ", "events"), "grant READ and DESCRIBE on it"),
        (Acl("READ", "typo_hits_state"), "(an ACL)"),
        (Acl("READ", "correspondents"), "(an ACL)"),
        (Acl("WRITE", "typo_hits"), "grant WRITE on it"),
        (Acl("WRITE", "alerts"), "grant WRITE on it"),
    ],
)
def test_a_worker_reports_a_missing_acl_and_ends(
    acls: Acls, admin: KafkaSettings, new_worker: Start, missing: Acl, remedy: str
) -> None:
    acls.grant(acl for acl in ACLS["worker"] if acl != missing)
    acls.grant([Acl("DESCRIBE", missing.on)])
    topics = Topics(admin, group=f"{admin.topic_prefix}straymail")
    send(topics, GOOD % (1, int(time.time() * 1000)))
    topics.send(topics.names.typo_hits_state, iter([("x", b"something to load")]))
    topics.close()
    with new_worker() as worker:
        assert worker.wait(120) == 1
        assert remedy in worker.log
        assert worker.log.count("CRITICAL streams") <= 1
        check_log(worker.log)


@pytest.mark.timeout(300)
def test_a_gate_needs_exactly_the_listed_acls(acls: Acls, admin: KafkaSettings, login: dict[str, str]) -> None:
    given = {**login, "TOPIC_PREFIX": admin.topic_prefix, "GATE_STORE": "kafka", "GATE_DEADLINE": "1s"}
    topics = Topics(admin, group=f"{admin.topic_prefix}straymail")
    with RunningGate(becomes_ready=False, **given) as gate:
        assert ask_policy(gate.policy, "jo.bloggs@army.ml") == DUNNO, "without them mail passes"
        acls.grant(ACLS["gate"])
        gate.wait_ready()
        assert ask_policy(gate.policy, "jo.bloggs@army.ml") != DUNNO
        wait_until(lambda: len(topics.values(topics.names.events)) == 1, seconds=30, what="the event of the refusal")
        assert gate.stop() == 0
        check_log(gate.log)
    topics.close()


def check_log(log: str) -> None:
    """The log contains no secret and nothing of the mail."""
    for secret in (PASSWORD, PRIVACY_KEY, "jo.bloggs", "desk7", "army.ml", "Movement order"):
        assert secret not in log, f"{secret!r} is in the log"


@pytest.mark.timeout(300)
def test_a_refused_login_is_reported(
    login: dict[str, str], admin: KafkaSettings, new_worker: Start, tmp_path: Path
) -> None:
    unknown = str(Authority(tmp_path).ca_file)
    wrong = {"no trusted TLS connection": {"SECURITY_CA_FILE": unknown}}
    if login["SECURITY_PROTOCOL"] == "SASL_SSL":
        wrong["refused the login"] = {"SECURITY_PASSWORD": "not it"}
    for problem, settings in wrong.items():
        with new_worker(**settings) as worker:
            assert worker.wait(60) == 1
            assert problem in worker.log
            assert len(worker.log.strip().splitlines()) == 1
            assert "not it" not in worker.log


@pytest.mark.timeout(300)
def test_a_worker_logs_in_by_token(secure_kafka: SecureKafka, admin: KafkaSettings, watchlist: Path) -> None:
    """Each of its clients: those of librdkafka get tokens themselves, the group's member by its provider."""
    acls = Acls(secure_kafka.bootstrap, PRINCIPALS["SASL_SSL"], topic_names(admin), admin.topic_prefix)
    acls.revoke_all()
    acls.grant(ACLS["worker"])
    topics = Topics(admin, group=f"{admin.topic_prefix}straymail")
    login = login_by(secure_kafka, "SASL_SSL") | {
        "SECURITY_MECHANISM": "OAUTHBEARER",
        "SECURITY_TOKEN_URL": secure_kafka.issuer.token_url,
        "SECURITY_TOKEN_SCOPE": SCOPE,
        "SECURITY_TOKEN_CA_FILE": str(secure_kafka.authority.ca_file),
    }
    start = Start(login, admin.topic_prefix, watchlist)
    with start(LOG_LEVEL="DEBUG") as worker:
        worker.wait_ready()
        send(topics, GOOD % (1, int(time.time() * 1000)))
        wait_until(lambda: bool(topics.values(topics.names.alerts)), seconds=60, what="an alert")
        assert worker.stop() == 0
        check_log(worker.log)
        assert "eyJ" not in worker.log, "a token is as good as a password while it lives"
    topics.close()
    with start(SECURITY_PASSWORD="not it") as worker:  # noqa: S106
        assert worker.wait(60) == 1
        assert "the token issuer refused the login" in worker.log
        assert "not it" not in worker.log
    with start(SECURITY_TOKEN_URL="https://127.0.0.1:1/token") as worker:  # noqa: S106
        wait_until(lambda: "waiting for Kafka" in worker.log, seconds=60, what="it waits for the issuer")
        assert "no token from the issuer" in worker.log
        assert worker.stop() == 0
    acls.revoke_all()


@pytest.mark.timeout(300)
def test_no_secret_is_logged_at_debug_level(secure_kafka: SecureKafka, admin: KafkaSettings, watchlist: Path) -> None:
    """PLAIN sends the password in clear text, so a driver that logs its requests would log it."""
    acls = Acls(secure_kafka.bootstrap, PRINCIPALS["SASL_SSL"], topic_names(admin), admin.topic_prefix)
    acls.revoke_all()
    acls.grant(ACLS["worker"])
    login = login_by(secure_kafka, "SASL_SSL") | {"SECURITY_MECHANISM": "PLAIN"}
    with Start(login, admin.topic_prefix, watchlist)(LOG_LEVEL="DEBUG") as worker:
        worker.wait_ready()
        check_log(worker.log)
        assert worker.stop() == 0
        check_log(worker.log)
