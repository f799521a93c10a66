"""What a detector with a memory finds, over days of mail."""

from __future__ import annotations

import pytest

from streams.detection.own_mail import OwnMail
from streams.detection.score_events import score_events
from streams.events.mail import AHEAD_ALLOWED_MS, MailEvent, encode
from streams.events.privacy import Privacy
from streams.memory.records import MemoryKind
from tests.detection.remembering import LEE, OWN, ROSS, START, hits_of_mail, mail_on, remembering
from tests.detection.samples import detector_of_sample, mail

KNOWN = "j.smith@springfield.org"
SLIP = "j.smith@springfield.com"
"""Another suffix that exists: by the name alone it is more often another organisation's."""
STAFF = [f"staff{number}@{OWN}" for number in range(20)]


def test_the_same_person_at_another_suffix_is_a_certain_slip_from_the_next_day() -> None:
    detector = remembering()
    assert hits_of_mail(detector, [mail_on(0, ROSS, KNOWN), mail_on(0, ROSS, SLIP)]) == []
    [hit] = hits_of_mail(detector, [mail_on(1, ROSS, SLIP)])
    assert (hit.certain, hit.intended) == (True, "springfield.org")
    assert hit.memory is not None
    assert (hit.memory.known_to, hit.memory.person_days) == ("sender", 1)
    assert f"{ROSS} has written to {KNOWN}, with mail on 1 day" in hit.explanation
    [hit] = hits_of_mail(detector, [mail_on(1, LEE, SLIP)])
    assert hit.memory is not None
    assert hit.memory.known_to == "colleague"


@pytest.mark.parametrize("to", ["info@springfield.com", "ann@springfield.com", "j.smith@springfield-roofing.com"])
def test_a_role_another_person_or_another_kind_of_name_stays_what_it_was(to: str) -> None:
    detector = remembering()
    before = hits_of_mail(detector, [mail_on(0, ROSS, to), mail_on(0, ROSS, KNOWN, "info@springfield.org")])
    after = hits_of_mail(detector, [mail_on(1, ROSS, to)])
    assert [(hit.score, hit.certain) for hit in after] == [(hit.score, hit.certain) for hit in before]


def test_events_are_judged_alike_in_any_order_and_when_they_are_read_again() -> None:
    events = [mail_on(0, ROSS, KNOWN), mail_on(1, ROSS, SLIP), mail_on(1, LEE, KNOWN), mail_on(2, LEE, SLIP)]
    detector = remembering()
    first = hits_of_mail(detector, events)
    assert hits_of_mail(detector, events) == first
    assert sorted(hits_of_mail(detector, events[::-1]), key=lambda hit: hit.time) == first


def test_a_later_status_under_the_time_of_the_mail_is_judged_as_the_mail_was() -> None:
    """So that no mail is counted as a doubtful mistake and as a certain one; under a time of its own it may be."""
    detector, wrong = remembering(), "j.smith@springfieldd.org"
    hits_of_mail(detector, [mail_on(0, ROSS, "ann@springfield.org")])
    [first] = hits_of_mail(detector, [mail_on(1, ROSS, wrong, delivery="deferred")])
    hits_of_mail(detector, [mail_on(1, ROSS, KNOWN)])
    [later] = hits_of_mail(detector, [mail_on(1, ROSS, wrong, id="later")])
    assert (later.certain, later.score, later.explanation) == (False, first.score, first.explanation)
    [stamped] = hits_of_mail(detector, [mail_on(2, ROSS, wrong, id="stamped")])
    assert stamped.certain


def test_the_first_person_makes_nobody_a_stranger_on_the_same_day() -> None:
    events = [
        mail_on(0, ROSS, "a@springfeild.org"),
        mail_on(1, ROSS, "zed.quin@springfeild.org"),
        mail_on(1, LEE, KNOWN),
    ]
    detector = remembering()
    first = hits_of_mail(detector, events)
    assert hits_of_mail(detector, events) == first


def test_letters_that_reorder_or_hide_text_are_visible_in_the_explanation() -> None:
    detector = remembering()
    name = "e\u202evil\x1b[31m.x"
    [hit] = hits_of_mail(
        detector, [mail_on(0, LEE, f"{name}@springfield.org"), mail_on(1, ROSS, f"{name}@springfield.com")]
    )
    assert "e\\u{202e}vil\\u{1b}[31m.x@springfield.org is known to colleagues" in hit.explanation


def test_one_mail_from_a_person_makes_nothing_certain_and_an_answer_does() -> None:
    """Anybody can forge a sender."""
    detector = remembering()
    assert hits_of_mail(detector, [mail_on(0, KNOWN, ROSS)]) == []
    assert hits_of_mail(detector, [mail_on(1, LEE, SLIP)]) == []
    [hit] = hits_of_mail(detector, [mail_on(1, ROSS, KNOWN), mail_on(2, LEE, SLIP)])
    assert hit.certain


@pytest.mark.parametrize(
    "spelling", ["j.smith@ springfeild.org", " J.Smith @springfeild.org", '"j.smith"@springfeild.org']
)
def test_the_same_person_is_known_in_any_spelling(spelling: str) -> None:
    detector = remembering()
    hits_of_mail(detector, [mail_on(0, ROSS, KNOWN)])
    [hit] = hits_of_mail(detector, [mail_on(1, ROSS, spelling)])
    assert hit.memory is not None
    assert hit.memory.known_to == "sender"


def test_a_hit_carries_what_its_verdict_was_weighed_by() -> None:
    detector, event = remembering(), mail_on(1, ROSS, SLIP)
    hits_of_mail(detector, [mail_on(0, ROSS, KNOWN)])
    typos = detector.typos(event)
    assert detector.memory is not None
    digest = detector.memory.digests.person("j.smith", "springfield.org")
    detector.memory.forget(MemoryKind.PERSON, digest, START + 1)
    [hit] = detector.hits(event, typos)
    assert hit.certain
    assert hit.memory is not None
    assert hit.memory.known_to == "sender"


def test_of_two_spellings_of_a_domain_the_surer_verdict_holds() -> None:
    detector = remembering()
    hits_of_mail(detector, [mail_on(0, ROSS, KNOWN)])
    recipients = ["j.smith@springfielt.org", "zed.quin@springfielt.org."]
    for some in (recipients, recipients[::-1]):
        [hit] = hits_of_mail(detector, [mail_on(1, ROSS, *some)])
        assert hit.certain
        assert hit.memory is not None
        assert hit.memory.known_to == "sender"


def test_without_persons_a_memory_raises_nothing() -> None:
    detector = remembering(persons=False)
    assert hits_of_mail(detector, [mail_on(0, ROSS, KNOWN), mail_on(1, ROSS, SLIP)]) == []


def test_masked_recipients_are_not_in_the_explanation() -> None:
    detector = remembering(Privacy(b"key", "hmac", "domain"))
    [hit] = hits_of_mail(detector, [mail_on(0, ROSS, KNOWN), mail_on(1, ROSS, SLIP)])
    assert "smith" not in hit.explanation
    assert "ross" not in hit.explanation


def test_ten_years_of_writing_to_a_domain_whiten_nothing() -> None:
    detector = remembering()
    wrong = "j.smith@springfeild.org"
    [first] = hits_of_mail(detector, [mail_on(0, ROSS, wrong)])
    for year in range(10):
        for day in range(365 * year + 1, 365 * (year + 1) + 1, 5):
            hits_of_mail(detector, [mail_on(day, STAFF[day % 20], wrong), mail_on(day, KNOWN, ROSS)])
    [last] = hits_of_mail(detector, [mail_on(3_651, ROSS, wrong)])
    assert (first.certain, last.certain) == (True, True)
    assert last.score >= first.score
    assert "nobody at springfeild.org has written to you in 400 days of memory" in last.explanation


def slips(day: int) -> list[MailEvent]:
    return [
        mail_on(day, STAFF[day % 20], f"person{day % 9}@springfields.org"),
        mail_on(day, STAFF[day % 7], f"person{day % 5}@springfielt.org"),
        mail_on(day, STAFF[day % 11], f"person{day % 3}@umbrela-works.com"),
        mail_on(day, STAFF[day % 3], f"person{day % 4}@lakehsore.net"),
    ]


def test_the_owner_of_a_look_alike_who_writes_in_daily_hides_none_of_its_slips() -> None:
    detector, untouched = remembering(), remembering()
    domains = ("springfields.org", "springfielt.org", "umbrela-works.com", "lakehsore.net")
    for day in range(60):
        letters = [mail_on(day, f"writer{n}@{domain}", STAFF[n]) for n in range(20) for domain in domains]
        assert hits_of_mail(detector, letters) == []
        found = hits_of_mail(detector, slips(day))
        assert [hit.domain for hit in found] == [hit.domain for hit in hits_of_mail(untouched, slips(day))]
    floored = [hit for hit in hits_of_mail(detector, slips(61)) if hit.intended == "lakeshore.net"]
    assert [hit.certain for hit in floored] == [True], "its group has a minimum severity"


def test_a_look_alike_that_wrote_first_is_named_so() -> None:
    detector = remembering()
    hits_of_mail(detector, [mail_on(day, ROSS, KNOWN) for day in range(0, 40, 7)])
    hits_of_mail(detector, [mail_on(35, "x@springfeild.org", ROSS)])
    [hit] = hits_of_mail(detector, [mail_on(40, ROSS, "x@springfeild.org")])
    assert hit.memory is not None
    assert hit.memory.wrote_first
    assert "springfeild.org wrote first" in hit.explanation


def test_an_event_ahead_of_the_clock_teaches_nothing() -> None:
    for ahead_ms, teaches in ((AHEAD_ALLOWED_MS + 1, False), (AHEAD_ALLOWED_MS, True)):
        known = mail_on(0, ROSS, KNOWN)
        detector = remembering(now_ms=known.time_ms - ahead_ms)
        assert detector.memory is not None
        hits_of_mail(detector, [known, mail_on(0, KNOWN, LEE)])
        assert detector.memory.persons == teaches
        assert [hit.certain for hit in hits_of_mail(detector, [mail_on(1, ROSS, SLIP)])] == [True] * teaches


def test_a_forged_own_sender_teaches_nothing() -> None:
    detector = remembering()
    hits_of_mail(detector, [mail_on(0, ROSS, KNOWN, direction="inbound"), mail_on(0, "x@else.example", KNOWN)])
    assert hits_of_mail(detector, [mail_on(1, ROSS, SLIP)]) == []


def test_a_batch_returns_what_it_learned_and_which_events_are_doubted() -> None:
    detector = remembering()
    events = [mail_on(0, ROSS, KNOWN), mail_on(0, ROSS, "a@unrelated.example"), mail_on(0, ROSS, SLIP)]
    values = list(map(encode, events))
    batch = score_events(values, detector, OwnMail([]), now_ms=None)
    assert [record.kind for record in batch.learned] == [
        MemoryKind.PERSON,
        MemoryKind.CORRESPONDENT,  # the days with mail
        MemoryKind.CORRESPONDENT,
    ]
    assert batch.doubted == [2]
    assert list(detector.learn()) == []


def test_a_sender_is_no_recipient_that_was_looked_up() -> None:
    detector = remembering()
    detector.add_received(mail_on(1, "ann@never-seen.example", ROSS))
    counts = detector.take_counts()
    assert (counts.recipients, counts.not_cached, len(counts.score_seconds)) == (0, 0, 1)


def test_a_detector_without_a_memory_remembers_nothing() -> None:
    detector = detector_of_sample()
    detector.add_received(mail("a@mod.gov.uk", sender="j@army.ml"))
    [hit] = detector.hits(mail("a@army.ml"), detector.typos(mail("a@army.ml")))
    assert (hit.memory, list(detector.learn())) == (None, [])


def test_an_event_with_thousands_of_recipients_teaches_and_asks_little() -> None:
    detector = remembering()
    watched = mail_on(0, ROSS, *[f"person{n}@springfield.org" for n in range(10_000)], id="many")
    doubted = mail_on(0, ROSS, *[f"person{n}@x{n}.springfeild.org" for n in range(500)], id="more")
    values = [encode(watched), encode(doubted)]
    batch = score_events(values, detector, OwnMail([]), now_ms=None)
    assert len(batch.learned) == 101
    assert len(batch.slips[0].typos) == 500
    assert all(typo.memory is None for typo in batch.slips[0].typos.values())
