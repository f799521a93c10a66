"""The Postfix of the tests ends with them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.kept import UnavailableError
from tests.sources.postfix import Postfix


@pytest.mark.mail
def test_nothing_is_left_of_it() -> None:
    try:
        server = Postfix()
    except UnavailableError as reason:
        pytest.skip(str(reason))
    with server:
        assert server.is_running
        master = int((server.folder / "queue" / "pid" / "master.pid").read_text())
        assert Path(f"/proc/{master}/cwd").exists()
    assert not os.path.lexists(f"/proc/{master}/cwd")
    assert not server.folder.exists()
