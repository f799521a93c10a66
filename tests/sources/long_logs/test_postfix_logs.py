"""Logs of Debian's Postfix."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import pytest

from streams.events.delivery import Delivery
from tests.broker.ports import free_ports
from tests.cache import UnavailableError
from tests.sources.long_logs.compare import check
from tests.sources.long_logs.content_filter import ContentFilter
from tests.sources.long_logs.life import (
    ALIASES,
    REFUSED_DOMAIN,
    Mail,
    deferred_first,
    deleted,
    expires,
    gone_later,
    held,
    hundred,
    mail,
    many,
    refused_content,
    released,
    requeued,
    thrown_away,
    tried_ninety_times,
)
from tests.sources.long_logs.receiver import Receiver
from tests.sources.long_logs.submit import Submitted, submit, submit_locally, submit_too_early
from tests.sources.postfix import Postfix

pytestmark = pytest.mark.mail
REFUSED = {REFUSED_DOMAIN: "REJECT no such domain", "later.ml": "450 4.2.0 try again later"}
QUEUE_SECONDS = 60.0


class LongPostfix(Postfix):
    """One that sends its mail to this address; skips the test where it can't run."""

    def __init__(
        self, relay: str, main: str = "", master: str = "", transport: Mapping[str, str] | None = None
    ) -> None:
        try:
            super().__init__(transport, REFUSED, ALIASES)
        except UnavailableError as reason:
            pytest.skip(str(reason))
        self.main = f"relayhost = {relay}\n{main.format(folder=self.folder)}"
        self.master = master

    def _configure(self) -> None:
        super()._configure()
        (self.folder / "conf" / "local").write_text(LOCAL_ALIASES)

    def submit(self, mails: Sequence[Mail]) -> list[Submitted]:
        """Submit the mails one after the other."""
        configuration = str(self.folder / "conf")
        command, environment = ["sendmail", "-C", configuration], {"MAIL_CONFIG": configuration}
        return [
            submit(self.port, mail) if mail.how == "smtp" else submit_locally(command, environment, mail)
            for mail in mails
        ]

    def wait_done(self) -> None:
        """Return when the queue is empty; what is deferred is tried again at once."""
        self.wait_until(self._is_done, "the queue is empty", QUEUE_SECONDS)

    def _is_done(self) -> bool:
        self.control("postqueue", "-f")
        return not self.queued()

    def queued(self) -> dict[str, list[str]]:
        """The queue ids of the mails in the queue, by the local part of their sender without its number."""
        found = defaultdict(list)
        for row in map(json.loads, self.control("postqueue", "-j").splitlines()):
            found[row["sender"].partition("@")[0].rstrip("0123456789")].append(row["queue_id"])
        return dict(found)

    def supervise(self, commands: Mapping[str, str]) -> Counter[str]:
        """Do something with mails that are held, by the name of their sender; returns how many there were of each."""
        done = {name: self.queued()[name] for name in commands}
        for name, queue_ids in done.items():
            for queue_id in queue_ids:
                self.control("postsuper", commands[name], queue_id)
        return Counter({name: len(queue_ids) for name, queue_ids in done.items()})


def test_as_it_is_installed() -> None:
    with Receiver() as receiver, LongPostfix(receiver.address) as server:
        submitted = server.submit(hundred())
        server.wait_done()
        check("postfix", [server.log], submitted, receiver.received, subjects=True)


BACK = """\
127.0.0.1:{port} inet n - n - - smtpd
  -o content_filter=
  -o smtpd_recipient_restrictions=permit_mynetworks,reject
  -o receive_override_options=no_header_body_checks,no_unknown_recipient_checks,no_milters
"""


def test_with_a_filter_that_sends_mail_back() -> None:
    """Mails without a Message-ID get none here."""
    with ContentFilter() as content_filter, Receiver() as receiver:
        main = f"content_filter = smtp:[127.0.0.1]:{content_filter.port}\nlocal_header_rewrite_clients =\n"
        with LongPostfix(receiver.address, main, BACK.format(port=content_filter.back_port)) as server:
            submitted = server.submit(hundred(more=[thrown_away]))
            server.wait_done()
            check("postfix", [server.log], submitted, receiver.received, subjects=True)


def test_of_two_instances() -> None:
    """The first one sends its mail to the second one, whose log is another file."""
    with (
        Receiver() as receiver,
        LongPostfix(receiver.address) as outer,
        LongPostfix(f"[127.0.0.1]:{outer.port}", "syslog_name = postfix-in\n") as inner,
    ):
        submitted = inner.submit(hundred())
        inner.wait_done()
        outer.wait_done()
        check("postfix", [inner.log, outer.log], submitted, receiver.received, subjects=True)


def test_of_mails_that_come_to_nothing_later() -> None:
    main = "maximal_queue_lifetime = 4s\nbounce_queue_lifetime = 1d\n"
    with Receiver({"busy.forever.ml": 1_000_000}) as receiver, LongPostfix(receiver.address, main) as server:
        submitted = server.submit(hundred([many, deferred_first], [gone_later, expires, gone_later, expires]))
        server.wait_done()
        check("postfix", [server.log], submitted, receiver.received, subjects=True)


def test_of_mails_that_are_deferred_ninety_times() -> None:
    with Receiver({"busy.ninety.ml": 90}) as receiver, LongPostfix(receiver.address) as server:
        submitted = server.submit([*hundred([many])[:97], *(tried_ninety_times(number) for number in (98, 99, 100))])
        server.wait_done()
        assert receiver.tried["a98@busy.ninety.ml"] == 91
        check("postfix", [server.log], submitted, receiver.received, subjects=True)


LOCAL = """mydestination = local.mod.example
alias_maps = texthash:{folder}/conf/local
local_recipient_maps =
"""
LOCAL_ALIASES = 'nobody /dev/null\ncounter "|/usr/bin/wc"\n'
LOCALLY = "local unix - n n - - local\n"


def kept_here(number: int) -> Mail:
    """Where the mail system delivers to files and programs."""
    ends: dict[str, Delivery] = {"nobody@local.mod.example": "failed", "counter@local.mod.example": "delivered"}
    return mail(number, ends | {"bob@army.ml": "delivered"}, is_reported=False)


def test_of_mails_that_are_thrown_away() -> None:
    transport = {"trash.ml": "discard:thrown away"}
    with Receiver() as receiver, LongPostfix(receiver.address, LOCAL, LOCALLY, transport) as server:
        submitted = server.submit(hundred(more=[thrown_away, kept_here, thrown_away]))
        server.wait_done()
        check("postfix", [server.log], submitted, receiver.received, subjects=True)


BEFORE = """\
127.0.0.1:{screened} inet n - n - 1 postscreen
smtpd pass - - n - - smtpd
127.0.0.1:{back} inet n - n - - smtpd
  -o smtpd_proxy_filter=
dnsblog unix - - n - 0 dnsblog
tlsproxy unix - - n - 0 tlsproxy
"""
BEFORE_MAIN = """\
smtpd_proxy_filter = 127.0.0.1:{filter}
postscreen_greet_wait = 1s
postscreen_greet_action = enforce
postscreen_access_list =
"""
TRIES = 90


def early(number: int) -> Mail:
    to = f"a{number}@army.ml"
    return mail(number, {}, to, refused=(to,))


def refused_ninety_times(number: int) -> Mail:
    to = f"a{number}@later.ml"
    return mail(number, {}, to, refused=(to,))


def test_of_mails_that_are_judged_before_they_are_queued() -> None:
    """A proxy filter, postscreen, a client that is refused for now again and again, and mails that are held."""
    (screened,) = free_ports(1)
    with ContentFilter() as content_filter, Receiver() as receiver:
        ports = {"screened": screened, "filter": content_filter.port, "back": content_filter.back_port}
        with LongPostfix(receiver.address, BEFORE_MAIN.format(**ports), BEFORE.format(**ports)) as server:
            submitted = server.submit(hundred([], [refused_content, held, released, requeued, deleted]))
            submitted += [submit_too_early(screened, early(number)) for number in range(101, 103)]
            submitted += [submit(server.port, refused_ninety_times(103)) for _ in range(TRIES)][:1]
            requeued_count = server.supervise({"released": "-H", "requeued": "-r", "deleted": "-d"})["requeued"]
            server.wait_until(lambda: server.logged(" orig_id=") == requeued_count, "some are queued again")
            server.supervise({"requeued": "-H"})
            server.wait_until(
                lambda: set(server.queued()) <= {"held"}, "the queue has only what is held", QUEUE_SECONDS
            )
            check("postfix", [server.log], submitted, receiver.received, subjects=True)
