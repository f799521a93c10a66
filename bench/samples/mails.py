"""The mails of the sample, before the mail system splits, retries or relays them."""

from __future__ import annotations

import random
from dataclasses import dataclass

from bench.samples.people import Cast, Contact
from bench.samples.slips import Slip
from bench.samples.words import EVERYDAY_TOPICS, FILLINGS, MARKINGS, SENSITIVE_TOPICS, Topic

LETTERS = "23456789BCDFGHJKLMNPQRSTVWXYZbcdfghjkmnpqrstvwxyz"
"""The characters of ids: about those of Postfix's long queue ids."""
SOURCES = {
    "mod.gov.uk": "postfix-edge",
    "fcdo.gov.uk": "postfix-edge",
    "mindef.nl": "exchange-nl",
    "defence.gov.au": "m365-au",
}


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail. `time` is in ms from the start of the sample; `delivery` is the final status; `fields` are the fields
    that each of its events has."""

    time: int
    sender: str
    recipients: list[str]
    delivery: str
    source: str
    fields: dict[str, object]


def word(rng: random.Random, length: int) -> str:
    """A random identifier."""
    return "".join(rng.choice(LETTERS) for _ in range(length))


def written(rng: random.Random, topic: Topic, sender_domain: str) -> dict[str, object]:
    """The fields of a mail on a topic: message id, subject, size, attachments, labels and direction."""
    gaps = {name: rng.choice(choices) for name, choices in FILLINGS.items()} | {"n": str(rng.randrange(1000, 9999))}
    size = rng.randrange(topic.least, topic.most)
    share = size * 9 // 10 // max(1, len(topic.files))
    return {
        "message_id": f"<{word(rng, 16)}@{sender_domain}>",
        "subject": topic.subject.format_map(gaps),
        "size": size,
        "attachments": [{"name": name.format_map(gaps), "size": share} for name in topic.files],
        "labels": [
            marking
            for end, by_care in MARKINGS.items()
            if sender_domain.endswith(end)
            if (marking := by_care[topic.care])
        ],
        "direction": "outbound",
    }


def ordinary_mail(rng: random.Random, cast: Cast, time: int) -> Mail:
    """A mail to some of the sender's usual correspondents, all spelt correctly."""
    sender = rng.choice(cast.senders)
    known = rng.sample(cast.books[sender], rng.choice((1, 1, 1, 1, 2, 2, 3, 5)))
    fields = written(rng, rng.choice(EVERYDAY_TOPICS * 2 + SENSITIVE_TOPICS), sender.domain)
    if all(contact.domain == sender.domain for contact in known):
        fields["direction"] = "internal"
    return posted(rng, sender, [contact.address for contact in known], time, fields, usual_delivery(rng))


def mistyped_mail(rng: random.Random, cast: Cast, time: int, slip: Slip, sender: Contact | None = None) -> Mail:
    """A mail to a mistyped address, often together with correctly spelt ones at the same domain."""
    sender = sender or rng.choice([contact for contact in cast.senders if contact.domain != slip.intended])
    there = rng.sample(cast.by_domain[slip.intended], min(3, len(cast.by_domain[slip.intended])))
    recipients = [there[0].address.removesuffix(slip.intended) + slip.mistaken]
    if rng.random() < 0.4:
        recipients += [contact.address for contact in there[1 : rng.randrange(2, 4)]]
    if rng.random() < 0.3:
        recipients.append(rng.choice(cast.books[sender]).address)
    topic = rng.choice(SENSITIVE_TOPICS if rng.random() < 0.7 else EVERYDAY_TOPICS)
    return posted(rng, sender, recipients, time, written(rng, topic, sender.domain), slip.delivery)


def bounce(rng: random.Random, cast: Cast, time: int) -> Mail:
    """A bounce: its envelope sender is empty."""
    to = rng.choice(cast.senders)
    fields = written(rng, Topic("Undelivered Mail Returned to Sender"), to.domain) | {"direction": "inbound"}
    return posted(rng, Contact("", to.domain), [to.address], time, fields, "delivered")


def usual_delivery(rng: random.Random) -> str:
    """A random delivery status, with the frequencies of ordinary mail."""
    return rng.choices(("delivered", "deferred", "failed", "unknown", "held"), (93, 2, 2, 2, 1))[0]


def posted(
    rng: random.Random, sender: Contact, recipients: list[str], time: int, fields: dict[str, object], delivery: str
) -> Mail:
    """A mail from the relay of the sender's organisation, with a few addresses in capitals, as people write them."""
    written_as = [address.title() if rng.random() < 0.01 else address for address in recipients]
    return Mail(time, sender.address, written_as, delivery, SOURCES.get(sender.domain, "postfix-relay"), fields)
