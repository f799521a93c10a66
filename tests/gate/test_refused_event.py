"""The event of a refusal is an ordinary mail event."""

from functools import partial

from streams.events.mail import decode, encode
from streams.gate.refused_event import refused_event

TIME_MS = 1_780_000_000_000
refused = partial(refused_event, "jo@mod.gov.uk", "sam@army.ml", ask_id="ab12", mail_id="cd34", asked_ms=TIME_MS)
ASKED, CONFIRMED = refused(), refused(outcome="confirmed")


def test_it_reads_as_any_other_event() -> None:
    assert decode(encode(ASKED), now_ms=TIME_MS) == ASKED
    assert (ASKED.delivery, ASKED.labels) == ("rejected", ["asked"])


def test_what_the_sender_did_then_is_another_event_of_the_same_mail() -> None:
    assert CONFIRMED.id != ASKED.id
    assert (CONFIRMED.message_id, CONFIRMED.time, CONFIRMED.recipients) == (
        ASKED.message_id,
        ASKED.time,
        ASKED.recipients,
    )
    assert CONFIRMED.labels == ["asked", "confirmed"]


def test_bytes_that_are_no_text_are_written_as_mail_logs_write_them() -> None:
    event = refused_event("j\udcf6@mod.gov.uk", "s\udce4m@army.ml", ask_id="a", mail_id="b", asked_ms=TIME_MS)
    assert decode(encode(event), now_ms=TIME_MS).recipients == ["s\ufffdm@army.ml"]
