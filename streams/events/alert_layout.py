"""The layout of an alert: the fields of its JSON, in their order. They are those of OCSF 1.5.0's Detection Finding, and
those that OCSF doesn't have, in `unmapped.straymail`.

An alert is encoded in two parts, since `metadata.uid`, the last field of the first one, is a digest of everything else.
A field that is UNSET is left out, and so is one that has its default where that is None, False or 0. Other defaults are
constants.
"""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType

from streams import __version__
from streams.events.asked import AskedOutcome
from streams.events.dns_facts import DnsFacts
from streams.events.mistaken_domain import MistakenDomain

OCSF_VERSION = "1.5.0"
CLASS_UID = 2004
ACTOR_PROFILE = "host"
"""The profile of OCSF that has `actor`."""
SENDER_FIELD = "unmapped.straymail.sender"
DOMAIN_FIELD = "unmapped.straymail.domains[].domain"
INTENDED_FIELD = "unmapped.straymail.domains[].intended"
"""The paths of fields, to which observables and enrichments refer."""


class Product(Struct, frozen=True):
    """What made the alert."""

    name: str = "straymail"
    vendor_name: str = "straymail"
    version: str = __version__


class AlertMetadata(Struct, frozen=True, kw_only=True):
    """Without its last field, `uid`."""

    version: str = OCSF_VERSION
    product: Product = Product()
    sequence: int
    correlation_uid: str
    profiles: tuple[str, ...] | UnsetType = UNSET


class AlertHead(Struct, frozen=True):
    """The first part, up to the metadata; times are ms since the epoch."""

    time: int
    message: str
    severity_id: int
    severity: str
    is_alert: bool
    activity_id: int
    activity_name: str
    category_uid: int
    category_name: str
    class_uid: int
    class_name: str
    type_uid: int
    type_name: str
    status_id: int
    status: str
    confidence_score: int
    confidence_id: int
    confidence: str
    count: int
    start_time: int
    end_time: int
    metadata: AlertMetadata


class Analytic(Struct, frozen=True):
    """The rule of the finding."""

    name: str
    type_id: int = 1
    type: str = "Rule"


class FindingInfo(Struct, frozen=True):
    """The finding in words, and its times."""

    uid: str
    title: str
    desc: str
    first_seen_time: int
    last_seen_time: int
    created_time: int
    analytic: Analytic


class Observable(Struct, frozen=True):
    """A value to search for; `name` is the path of its field."""

    name: str
    type_id: int
    type: str
    value: str


class Remediation(Struct, frozen=True):
    """What to do."""

    desc: str


class StraymailFields(Struct, frozen=True, omit_defaults=True):
    """What OCSF has no field for."""

    rule: str
    group_by: str
    counts: str
    sender: str | UnsetType
    peak: int
    count_is_minimum: bool
    delivered_count: int
    window_state: str
    slip: str | UnsetType
    explanation: str | UnsetType
    domains: list[MistakenDomain]
    domain_count: int
    labels: list[str]
    owner: str | None = None
    runbook_url: str | None = None
    late: bool = False
    evidences_left_out: int = 0
    asked_count: int = 0
    confirmed_count: int = 0
    corrected_count: int = 0


class Unmapped(Struct, frozen=True):
    """Where OCSF keeps what it has no field for."""

    straymail: StraymailFields


class User(Struct, frozen=True, omit_defaults=True):
    """The sender."""

    name: str
    email_addr: str | None = None


class Actor(Struct, frozen=True):
    """Who sent the mail."""

    user: User


class Enrichment(Struct, frozen=True, kw_only=True):
    """What DNS says of one mistaken domain, as data and in words."""

    name: str = DOMAIN_FIELD
    value: str
    type: str = "dns"
    provider: str = "DNS"
    data: DnsFacts
    desc: str
    created_time: int


class EvidenceEmail(Struct, frozen=True, omit_defaults=True, rename={"from_": "from"}):
    """A mail; those of its addresses that OCSF takes for none are in the mailbox fields."""

    from_: str | None = None
    from_mailbox: str | None = None
    to: list[str] | None = None
    to_mailboxes: list[str] | None = None
    message_uid: str | None = None
    size: int | None = None
    subject: str | None = None


class EvidenceData(EvidenceEmail, frozen=True, omit_defaults=True):
    """What OCSF's email has no field for; a mail without any address is here as a whole."""

    time: int | UnsetType | None = UNSET
    delivery: str | None = None
    asked: AskedOutcome | None = None


class AlertEvidence(Struct, frozen=True, omit_defaults=True):
    """One mail of the finding."""

    email: EvidenceEmail | None = None
    data: EvidenceData | None = None


class AlertTail(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The second part."""

    finding_info: FindingInfo
    observables: list[Observable]
    remediation: Remediation
    unmapped: Unmapped
    actor: Actor | None = None
    enrichments: list[Enrichment] | None = None
    evidences: list[AlertEvidence] | None = None
