"""The keyed digests of the findings: without the key nobody can tell which address or domain a record is about."""

import hashlib
from functools import lru_cache

KEY_BYTES = 16
MAIL_BYTES = 8
SENDER_BYTES = 8
DOMAIN_BYTES = 4
RECIPIENTS_BYTES = 4
HIT_BYTES = 8
RULE_BYTES = 4
REPEATED = 4_096
"""The most digests of mistaken domains and senders that are kept, since a few of them are in most hits."""


class Digests:
    """Keyed BLAKE2b, personalised by purpose, so that the same text has different digests for different purposes."""

    def __init__(self, key: bytes) -> None:
        """`key` is the secret that all workers share, of any length. ValueError if it is empty."""
        if not key:
            raise ValueError("the key of the digests must not be empty")
        self._key = key if len(key) <= hashlib.blake2b.MAX_KEY_SIZE else hashlib.blake2b(key).digest()
        self._keyed_hashes: dict[bytes, hashlib.blake2b] = {}
        """By purpose: a hash that has already consumed the key, which is half the work on a short text."""
        self._repeated = lru_cache(REPEATED)(self._digest)

    def _digest(self, purpose: bytes, data: bytes, size: int) -> bytes:
        keyed_hash = self._keyed_hashes.get(purpose)
        if keyed_hash is None:
            keyed_hash = self._keyed_hashes[purpose] = hashlib.blake2b(digest_size=size, key=self._key, person=purpose)
        hashing = keyed_hash.copy()
        hashing.update(data)
        return hashing.digest()

    def key(self, name: str) -> bytes:
        """16-byte digest of a mistaken domain or of a hit's `sender_digest`: the key that a rule groups by."""
        return self._repeated(b"key", name.encode(), KEY_BYTES)

    def sender(self, sender_digest: str) -> bytes:
        """8-byte digest of a hit's `sender_digest`, of any form: distinguishes senders within one tally."""
        return self._digest(b"sender", sender_digest.encode(), SENDER_BYTES)

    def mail(self, mail: str) -> bytes:
        """8-byte digest of a message id, or of an event's id if the mail has none."""
        return self._digest(b"mail", mail.encode(), MAIL_BYTES)

    def domain(self, domain: str) -> bytes:
        """4-byte digest of a mistaken domain: unique enough within one tally, too short across tallies."""
        return self._repeated(b"domain", domain.encode(), DOMAIN_BYTES)

    def recipients(self, recipients: list[str], recipient_count: int) -> bytes:
        """4-byte digest of a set of recipients, whatever their order and case."""
        data = "\n".join([*sorted(map(str.lower, recipients)), str(recipient_count)])
        return self._digest(b"recipients", data.encode(), RECIPIENTS_BYTES)

    def hit(self, hit_id: str) -> bytes:
        """8-byte digest of a hit's id."""
        return self._digest(b"hit", hit_id.encode(), HIT_BYTES)

    def entry(self, hit_id: str, content: bytes) -> bytes:
        """8-byte digest of a hit's id and of what is counted of it: an id may come with two contents, a key may not."""
        return self._digest(b"entry", content + hit_id.encode(), HIT_BYTES)

    def rule(self, identity: str) -> bytes:
        """4-byte digest of a rule's identity."""
        return self._digest(b"rule", identity.encode(), RULE_BYTES)

    def finding_uid(self, identity: str, window_key: bytes) -> str:
        """32 hex digits: the uid of the finding that the rule of this identity makes of a window."""
        return self._digest(b"finding", window_key + identity.encode(), 16).hex()

    def correlation_uid(self, identity: str, key: bytes) -> str:
        """32 hex digits that all findings of one rule and key share, whatever their windows."""
        return self._digest(b"correlation", key + identity.encode(), 16).hex()
