"""Privacy: which personal data is published, and keyed digests in place of addresses."""

import hmac
from dataclasses import dataclass, field
from typing import Literal

from streams.errors import ConfigurationError
from streams.events.addresses import domain_of, normalise_address

DIGEST_LENGTH = 32
"""Hex digits of a digest: 128 bits of the HMAC."""

SenderPrivacy = Literal["whole", "hmac"]
RecipientPrivacy = Literal["whole", "hmac", "domain"]


def key_digest(key: bytes, text: str) -> str:
    """HMAC-SHA-256 of a normalised address or domain, cut to 32 hex digits; all Kafka keys are such digests."""
    return hmac.digest(key, text.encode(), "sha256").hex()[:DIGEST_LENGTH]


@dataclass(frozen=True, slots=True)
class Privacy:
    """The privacy settings and the secret key, which are the same for all workers.

    Masked addresses have the form of an address, since readers of alerts check it: `hmac-<32 hex digits>@army.ml`, or
    `*@army.ml` if only the domain is published. Equal addresses have equal masks.
    """

    key: bytes = field(repr=False)
    sender: SenderPrivacy = "whole"
    recipient: RecipientPrivacy = "whole"
    subject: bool = False

    def __post_init__(self) -> None:
        if not self.key:
            raise ConfigurationError("The privacy key is empty: set it to a secret text, the same for all workers.")

    def digest(self, address_or_domain: str) -> str:
        """`key_digest` of an address or domain, which this normalises."""
        return key_digest(self.key, normalise_address(address_or_domain))

    def mask_sender(self, address: str) -> str:
        """The sender as it may be published, normalised."""
        return self._hmac(address) if self.sender == "hmac" else normalise_address(address)

    def mask_recipient(self, address: str) -> str:
        """A recipient as it may be published, normalised."""
        if self.recipient == "domain":
            return f"*@{domain_of(address)}"
        return self._hmac(address) if self.recipient == "hmac" else normalise_address(address)

    def mask_subject(self, subject: str | None) -> str | None:
        """The subject if it may be published, else None."""
        return subject if self.subject else None

    def _hmac(self, address: str) -> str:
        return f"hmac-{self.digest(address)}@{domain_of(address)}"
