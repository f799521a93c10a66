import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import ConfigurationError
from streams.events.privacy import Privacy, RecipientPrivacy, SenderPrivacy, key_digest

KEY = b"a key of the tests"
DIGEST = hmac.new(KEY, b"jo@army.ml", hashlib.sha256).hexdigest()[:32]


def test_a_digest_is_an_hmac_that_other_tools_can_compute() -> None:
    assert key_digest(KEY, "jo@army.ml") == DIGEST
    assert key_digest(b"another", "jo@army.ml") != DIGEST


@pytest.mark.parametrize(
    ("setting", "sender"),
    [("whole", "jo@army.ml"), ("hmac", f"hmac-{DIGEST}@army.ml")],
)
def test_senders(setting: SenderPrivacy, sender: str) -> None:
    privacy = Privacy(KEY, sender=setting)
    assert [privacy.mask_sender(written) for written in ("Jo@Army.ML", " <jo@army.ml>")] == [sender, sender]


@pytest.mark.parametrize(
    ("setting", "recipient"),
    [("whole", "jo@army.ml"), ("hmac", f"hmac-{DIGEST}@army.ml"), ("domain", "*@army.ml")],
)
def test_recipients(setting: RecipientPrivacy, recipient: str) -> None:
    assert Privacy(KEY, recipient=setting).mask_recipient("<Jo@Army.ML>") == recipient


@pytest.mark.parametrize(("setting", "subject"), [(True, "Itinerary"), (False, None)])
def test_subjects_are_only_published_if_set(setting: bool, subject: str | None) -> None:
    assert Privacy(KEY, subject=setting).mask_subject("Itinerary") == subject
    assert Privacy(KEY, subject=setting).mask_subject(None) is None


def test_the_digest_does_not_depend_on_the_settings_nor_on_the_spelling() -> None:
    assert Privacy(KEY).digest("<Jo@army.ml>") == Privacy(KEY, sender="hmac", recipient="domain").digest("jo@ARMY.ml")


def test_an_empty_key_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="privacy key is empty"):
        Privacy(b"")


def test_the_key_is_not_shown() -> None:
    assert "tests" not in repr(Privacy(KEY))


@given(local=st.text(min_size=1))
def test_a_mask_never_contains_the_local_part(local: str) -> None:
    privacy = Privacy(KEY, sender="hmac", recipient="hmac")
    address = f"kept-secret{local}@army.ml"
    assert "kept-secret" not in privacy.mask_sender(address) + privacy.mask_recipient(address)
