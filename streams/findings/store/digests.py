"""Every digest of the findings, keyed: without the key nobody can tell which address or domain a record is about."""

import hashlib

KEY_BYTES = 16
MAIL_BYTES = 8
SENDER_BYTES = 8
DOMAIN_BYTES = 4
RECIPIENTS_BYTES = 4
HIT_BYTES = 8
RULE_BYTES = 4


class Digests:
    """Keyed BLAKE2b, one personalisation a purpose, so that equal texts of two purposes have unlike digests."""

    def __init__(self, key: bytes) -> None:
        """`key` is the secret that all workers share; of any length but empty."""
        if not key:
            raise ValueError("the key of the digests must not be empty")
        self._key = key if len(key) <= hashlib.blake2b.MAX_KEY_SIZE else hashlib.blake2b(key).digest()
        self._begun: dict[bytes, hashlib.blake2b] = {}
        """By purpose: a hash that has taken in the key, which is half the work on a short text."""

    def _digest(self, purpose: bytes, data: bytes, size: int) -> bytes:
        begun = self._begun.get(purpose)
        if begun is None:
            begun = self._begun[purpose] = hashlib.blake2b(digest_size=size, key=self._key, person=purpose)
        hashing = begun.copy()
        hashing.update(data)
        return hashing.digest()

    def key(self, name: str) -> bytes:
        """16 bytes of a domain or of a sender's digest: what findings are grouped by."""
        return self._digest(b"key", name.encode(), KEY_BYTES)

    def sender(self, sender_digest: str) -> bytes:
        """8 bytes of a sender, told apart within one tally; of the digest that a hit has, whatever it looks like."""
        return self._digest(b"sender", sender_digest.encode(), SENDER_BYTES)

    def mail(self, mail: str) -> bytes:
        """8 bytes of a message id, or of an event's id where there is none."""
        return self._digest(b"mail", mail.encode(), MAIL_BYTES)

    def domain(self, domain: str) -> bytes:
        """4 bytes of a mistaken domain: told apart within one tally, never over all."""
        return self._digest(b"domain", domain.encode(), DOMAIN_BYTES)

    def recipients(self, recipients: list[str], recipient_count: int) -> bytes:
        """4 bytes of a set of recipients, whatever their order."""
        data = "\n".join([*sorted(map(str.lower, recipients)), str(recipient_count)])
        return self._digest(b"recipients", data.encode(), RECIPIENTS_BYTES)

    def hit(self, hit_id: str) -> bytes:
        """8 bytes of a hit's id."""
        return self._digest(b"hit", hit_id.encode(), HIT_BYTES)

    def rule(self, identity: str) -> bytes:
        """4 bytes of what a rule counts: a rule that counts otherwise is another rule."""
        return self._digest(b"rule", identity.encode(), RULE_BYTES)

    def finding_uid(self, identity: str, slot: bytes) -> str:
        """32 hex digits: a finding's uid, where `slot` is its key, window and, for a late one, what opened it."""
        return self._digest(b"finding", slot + identity.encode(), 16).hex()

    def correlation_uid(self, identity: str, key: bytes) -> str:
        """32 hex digits that the findings of one rule and key share, whatever their windows."""
        return self._digest(b"correlation", key + identity.encode(), 16).hex()
