"""One mail under several queue ids, and answers of strangers that only look like it."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest

from streams.events.mail import MailEvent
from streams.networks import Network
from streams.sources.source import SourceOptions
from tests.sources.read_log import read

SENT = "relay=mx.example[192.0.2.9]:25, delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent (250 ok)"
BOUNCED = "relay=none, delay=1, delays=1/0/0/0, dsn=5.4.4, status=bounced (Host not found)"
DEFERRED = "relay=none, delay=1, delays=1/0/0/0, dsn=4.4.1, status=deferred (connect: timed out)"


def taken(next_id: str, relay: str = "127.0.0.1[127.0.0.1]:10024", answer: str = "250 2.0.0 Ok: queued as ") -> str:
    """The end of the line about a mail that the next server has queued under an id of its own."""
    return f"relay={relay}, delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent ({answer}{next_id})"


def mail(
    queue_id: str,
    *ends: str,
    message_id: str = "<m@mod.gov.uk>",
    host: str = "mx",
    client: str = "c.example[192.0.2.1]",
    instance: str = "postfix",
    second: int = 1,
    sender: str = "desk@mod.gov.uk",
) -> list[str]:
    """The lines of a mail to bob@army.ml, of which each delivery has its end."""
    start = f"Mar 22 08:00:{second:02} {host} {instance}"
    return [
        f"{start}/smtpd[7]: {queue_id}: client={client}",
        f"{start}/cleanup[7]: {queue_id}: message-id={message_id}",
        f"{start}/qmgr[7]: {queue_id}: from=<{sender}>, size=900, nrcpt=1 (queue active)",
        *(f"{start}/smtp[7]: {queue_id}: to=<bob@army.ml>, {end}" for end in ends),
        f"{start}/qmgr[7]: {queue_id}: removed",
    ]


def events_of(folder: Path, *lines: str, source: str = "postfix", own_relays: str | None = None) -> list[MailEvent]:
    path = folder / "log"
    path.write_text("".join(line + "\n" for line in lines))
    networks: tuple[Network, ...] = () if own_relays is None else (ip_network(own_relays),)
    events, problems, _ = read(source, [path], SourceOptions(year=2026, own_relays=networks))
    assert problems == []
    return events


def ends(events: list[MailEvent]) -> dict[str | None, object]:
    """What is said last of each mail."""
    return {event.message_id: event.delivery for event in events}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (taken("4BBBB"), mail("4BBBB", SENT, second=2)),
        (taken("4BBBB", "localhost[/run/amavis.sock]"), mail("4BBBB", SENT, second=2)),
        (taken("4BBBB", "filter.mod.gov.uk[192.0.2.25]:10024"), mail("4BBBB", SENT, host="filter", second=2)),
        (taken("4BBBB", "out.mod.gov.uk[192.0.2.7]:10026"), mail("4BBBB", SENT, instance="postfix-out", second=1)),
    ],
)
def test_the_next_queue_id_has_the_end(tmp_path: Path, first: str, second: list[str]) -> None:
    lines = [*mail("4AAAA", first), *second]
    assert [event.delivery for event in events_of(tmp_path, *lines)] == [None, "delivered"]
    bounced = [line.replace(SENT, BOUNCED) for line in lines]
    assert ends(events_of(tmp_path, *bounced)) == {"<m@mod.gov.uk>": "failed"}
    interleaved = [*mail("4AAAA", first)[:3], *second[:3], *mail("4AAAA", first)[3:], *second[3:]]
    assert ends(events_of(tmp_path, *interleaved)) == {"<m@mod.gov.uk>": "delivered"}


@pytest.mark.parametrize("message_id", ["<>", "", "<made@mx>"])
@pytest.mark.parametrize("first_id", ["<>", ""])
def test_a_mail_without_message_id_is_one_over_all_its_queue_ids(
    tmp_path: Path, first_id: str, message_id: str
) -> None:
    lines = [*mail("4AAAA", taken("4BBBB"), message_id=first_id), *mail("4BBBB", SENT, message_id=message_id, second=2)]
    assert len(ends(events_of(tmp_path, *lines))) == 1


def test_a_mail_that_was_emitted_before_keeps_its_id(tmp_path: Path) -> None:
    first = mail("4AAAA", DEFERRED, message_id="<>")[:-1]
    later = [line.replace(":00:", ":20:") for line in mail("4AAAA", taken("4BBBB"), message_id="<>")[2:]]
    again = [line.replace(":00:", ":20:") for line in mail("4BBBB", SENT, message_id="<made@mx>", second=2)]
    events = events_of(tmp_path, *first, *later[:1], *again[:3], *later[1:], *again[3:])
    assert [event.delivery for event in events] == ["deferred", "delivered", None]
    assert len(ends(events)) == 1


def test_a_queue_id_that_the_filter_forwards(tmp_path: Path) -> None:
    client = "localhost[127.0.0.1], orig_queue_id=4AAAA, orig_client=c.example[192.0.2.1]"
    answer = taken("", answer="250 2.6.0 passed")
    lines = [*mail("4AAAA", answer, message_id="<>"), *mail("4BBBB", SENT, message_id="<>", client=client, second=2)]
    assert set(ends(events_of(tmp_path, *lines)).values()) == {"delivered"}
    assert len(ends(events_of(tmp_path, *lines))) == 1


@pytest.mark.parametrize(
    "stranger",
    [
        mail("4BBBB", BOUNCED, message_id="<other@mod.gov.uk>", second=2),  # another mail of one's own
        mail("4BBBB", BOUNCED, message_id="<>", sender="al@mod.gov.uk", second=2),
        [line.replace("08:00", "07:59") for line in mail("4BBBB", BOUNCED, second=2)],  # it came before
        [],
    ],
)
def test_a_strangers_answer_is_no_proof(tmp_path: Path, stranger: list[str]) -> None:
    lines = [*mail("4AAAA", taken("4BBBB", "mx.army.ml[6.6.6.6]:25")), *stranger]
    assert "delivered" in [event.delivery for event in events_of(tmp_path, *lines)]


def test_a_stranger_may_name_the_queue_id_that_a_mail_had_before(tmp_path: Path) -> None:
    """It stands in the mail's header."""
    last = taken("4AAAA", "mx.army.ml[6.6.6.6]:25")
    lines = [*mail("4AAAA", taken("4BBBB")), *mail("4BBBB", last)]
    assert ends(events_of(tmp_path, *lines)) == {"<m@mod.gov.uk>": "delivered"}


@pytest.mark.parametrize("answer", ["250 ok", "250 2.0.0 Ok: queued as 4CCCC", "250 Queued mail for delivery"])
def test_what_an_own_relay_has_taken_is_on_its_way(tmp_path: Path, answer: str) -> None:
    lines = mail("4AAAA", SENT.replace("250 ok", answer))
    assert ends(events_of(tmp_path, *lines)) == {"<m@mod.gov.uk>": "delivered"}
    assert ends(events_of(tmp_path, *lines, own_relays="192.0.2.0/24")) == {"<m@mod.gov.uk>": None}


HELD = "hold: header Received: from c from c.example[192.0.2.1]; from=<desk@mod.gov.uk> to=<bob@army.ml> proto=ESMTP"


@pytest.mark.parametrize("message_id", ["<m@mod.gov.uk>", "<>"])
@pytest.mark.parametrize("at", [2, 3, 5])
def test_a_mail_that_is_requeued_is_the_same(tmp_path: Path, message_id: str, at: int) -> None:
    """MailScanner's line may come before, among and after those of the new queue id."""
    first = mail("4AAAA", message_id=message_id)[:2]
    first.insert(1, f"Mar 22 08:00:01 mx postfix/cleanup[7]: 4AAAA: {HELD} helo=<c>")
    moved = "Mar 22 08:00:20 mx MailScanner[9]: Requeue: 4AAAA.A1B2C to 4BBBB"
    lines = [*first, *mail("4BBBB", SENT, second=20)[2:]]
    lines.insert(at + 1, moved)
    events = events_of(tmp_path, *lines)
    assert len(ends(events)) == 1
    assert events[-1].delivery == "delivered"


def test_a_mail_that_postsuper_requeues_is_the_same(tmp_path: Path) -> None:
    first = mail("4AAAA", DEFERRED, message_id="<>")[:-1]
    again = mail("4BBBB", SENT, message_id="<>", second=30)
    again[0] = "Mar 22 08:00:30 mx postfix/pickup[7]: 4BBBB: uid=0 from=<desk@mod.gov.uk> orig_id=4AAAA"
    events = events_of(tmp_path, *first, *again)
    assert [(event.delivery, event.time_ms % 60_000) for event in events] == [("delivered", 1_000)]


@pytest.mark.parametrize("answer", ["250 OK id=1rnZxB-0000Ab-2X", "250 2.0.0 from MTA: 250 OK id=1rnZxB-0000Ab-2X"])
@pytest.mark.parametrize(("end", "delivery"), [("=>", "delivered"), ("**", "failed")])
def test_exim_hands_a_mail_to_a_filter_and_takes_it_back(tmp_path: Path, answer: str, end: str, delivery: str) -> None:
    lines = [
        "2026-03-22 08:00:01 1rnZxA-0000Ab-1X <= desk@mod.gov.uk H=c [192.0.2.1] P=esmtps S=900 id=a@b",
        f'2026-03-22 08:00:01 1rnZxA-0000Ab-1X => bob@army.ml R=amavis T=amavis H=127.0.0.1 [127.0.0.1] C="{answer}"',
        "2026-03-22 08:00:01 1rnZxA-0000Ab-1X Completed",
        "2026-03-22 08:00:01 1rnZxB-0000Ab-2X <= desk@mod.gov.uk H=localhost [127.0.0.1] P=esmtp S=900 id=a@b",
        f"2026-03-22 08:00:02 1rnZxB-0000Ab-2X {end} bob@army.ml R=out T=smtp H=mx [192.0.2.9]: no",
        "2026-03-22 08:00:02 1rnZxB-0000Ab-2X Completed",
    ]
    assert ends(events_of(tmp_path, *lines, source="exim")) == {"<a@b>": delivery}


PIPED = "relay=spamassassin, delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent (delivered via spamassassin service)"


def piped(queue_id: str) -> list[str]:
    return [line.replace("/smtp[", "/pipe[") for line in mail(queue_id, PIPED)]


@pytest.mark.parametrize(("end", "delivery"), [(SENT, "delivered"), (BOUNCED, "failed")])
@pytest.mark.parametrize("by", ["uid=109 from=<desk@mod.gov.uk>", "client=localhost[127.0.0.1]"])
def test_a_filter_that_is_a_program_sends_the_mail_on(tmp_path: Path, end: str, delivery: str, by: str) -> None:
    again = mail("4BBBB", end, second=2)
    again[0] = f"Mar 22 08:00:02 mx postfix/{'pickup' if by.startswith('uid') else 'smtpd'}[7]: 4BBBB: {by}"
    assert ends(events_of(tmp_path, *piped("4AAAA"), *again)) == {"<m@mod.gov.uk>": delivery}


@pytest.mark.parametrize(
    "other", [[], mail("4BBBB", BOUNCED, message_id="<o@mod.gov.uk>"), mail("4BBBB", BOUNCED.replace("bob", "al"))[:2]]
)
def test_a_program_that_keeps_a_mail_is_its_end(tmp_path: Path, other: list[str]) -> None:
    assert ends(events_of(tmp_path, *piped("4AAAA"), *other))["<m@mod.gov.uk>"] == "delivered"


def test_exim_pipes_a_mail_to_a_filter_that_sends_it_on(tmp_path: Path) -> None:
    lines = [
        "2026-03-22 08:00:01 1rnZxA-0000Ab-1X <= desk@mod.gov.uk H=c [192.0.2.1] P=esmtps S=900 id=a@b",
        "2026-03-22 08:00:01 1rnZxA-0000Ab-1X => bob <bob@army.ml> R=spamcheck_router T=spamcheck",
        "2026-03-22 08:00:01 1rnZxA-0000Ab-1X Completed",
        "2026-03-22 08:00:01 1rnZxB-0000Ab-2X <= desk@mod.gov.uk U=mail P=spam-scanned S=900 id=a@b",
        "2026-03-22 08:00:02 1rnZxB-0000Ab-2X ** bob@army.ml R=out T=smtp H=mx [192.0.2.9]: no",
        "2026-03-22 08:00:02 1rnZxB-0000Ab-2X Completed",
    ]
    assert ends(events_of(tmp_path, *lines, source="exim")) == {"<a@b>": "failed"}


def of_sendmail(queue_id: str, end: str, host: str = "mx", second: int = 1) -> list[str]:
    """The lines of a mail to bob@army.ml in sendmail's log."""
    start = f"Mar 22 08:00:{second:02} {host} sm-mta[7]: {queue_id}: "
    sender = "from=<desk@mod.gov.uk>, size=9, class=0, nrcpts=1, msgid=<m@mod.gov.uk>, proto=ESMTP"
    times = "to=<bob@army.ml>, delay=00:00:01, xdelay=00:00:01, mailer=relay, pri=9"
    return [f"{start}{sender}, daemon=MTA, relay=c [192.0.2.1]", f"{start}{times}, {end}"]


FILTER_HAS_IT = "relay=filter. [192.0.2.7], dsn=2.0.0, stat=Sent (62M801ab000008 Message accepted for delivery)"
AT_ARMY = "relay=mx.army.ml. [6.6.6.6], dsn=%s, stat=%s"


@pytest.mark.parametrize(
    ("end", "delivery"),
    [(AT_ARMY % ("2.0.0", "Sent (ok)"), "delivered"), (AT_ARMY % ("5.1.1", "User unknown"), "failed")],
)
@pytest.mark.parametrize("second", [1, 2])
def test_sendmail_hands_a_mail_to_a_filter_on_another_host(
    tmp_path: Path, end: str, delivery: str, second: int
) -> None:
    first = of_sendmail("62M801ab000007", FILTER_HAS_IT)
    then = of_sendmail("62M801ab000008", end, "filter", second)
    assert ends(events_of(tmp_path, *first, *then, source="sendmail")) == {"<m@mod.gov.uk>": delivery}
    interleaved = events_of(tmp_path, first[0], *then, first[1], source="sendmail")
    assert {event.delivery for event in interleaved} == {None, delivery}


def test_what_an_own_relay_has_taken_from_sendmail_is_on_its_way(tmp_path: Path) -> None:
    first = of_sendmail("62M801ab000007", FILTER_HAS_IT)
    events = events_of(tmp_path, *first, source="sendmail")
    assert ends(events) == {"<m@mod.gov.uk>": "delivered"}
    events = events_of(tmp_path, *first, source="sendmail", own_relays="192.0.2.0/24")
    assert ends(events) == {"<m@mod.gov.uk>": None}
