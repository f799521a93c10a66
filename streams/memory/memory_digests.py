"""The keyed digests under which persons and domains are remembered: nothing else of them is kept."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from streams.events.addresses import normalise_address

KEY_ID_BYTES = 4
TAGS_CACHED = 20_000
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)


class MemoryDigests:
    """Keyed BLAKE2b, personalised by purpose. All memories of one organisation share the key. ValueError if it is
    empty."""

    def __init__(self, key: bytes) -> None:
        if not key:
            raise ValueError("the key of the digests must not be empty")
        secret = key if len(key) <= hashlib.blake2b.MAX_KEY_SIZE else hashlib.blake2b(key).digest()
        self._person = hashlib.blake2b(digest_size=8, key=secret, person=b"memory-person")
        self._domain = hashlib.blake2b(digest_size=8, key=secret, person=b"memory-domain")
        self._writer = hashlib.blake2b(digest_size=2, key=secret, person=b"memory-writer")
        self.key_id = hashlib.blake2b(digest_size=KEY_ID_BYTES, key=secret, person=b"memory-key-id").digest()
        """Tells records of another key apart; the key can't be computed from it."""
        self.tag: Callable[[str], int] = lru_cache(TAGS_CACHED)(self._tag)
        """16 bits of an address: tells apart the few senders or persons of one entry."""

    def person(self, local: str, domain: str) -> int:
        """64 bits of a local part, plus-tag and all, at a canonical domain."""
        return _number(self._person, f"{without_tag(local)}@{domain}")

    def domain(self, domain: str) -> int:
        """64 bits of a canonical domain."""
        return _number(self._domain, domain)

    def _tag(self, address: str) -> int:
        local, _, domain = normalise_address(address).rpartition("@")
        return _number(self._writer, f"{without_tag(local)}@{domain}")


def without_tag(local: str) -> str:
    """A local part in lower case without its tag, and without quotes, which change no address (RFC 5321, 4.1.2): `jo`
    of `Jo+lists` and of `"Jo"`. Letters with marks are composed (NFC), as keyboards differ in that."""
    local = local.strip().lower()
    if len(local) > 2 and local[0] == local[-1] == '"':
        local = _QUOTED_PAIR.sub(r"\1", local[1:-1])
    local = local.partition("+")[0] or local
    return local if local.isascii() else unicodedata.normalize("NFC", local)


def _number(keyed: hashlib.blake2b, text: str) -> int:
    hashing = keyed.copy()
    hashing.update(text.encode("utf-8", "surrogatepass"))
    return int.from_bytes(hashing.digest(), "big")
