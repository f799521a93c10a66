"""The tests' Postfix leaves nothing behind."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cache import UnavailableError
from tests.sources.postfix import Postfix


@pytest.mark.mail
def test_no_process_and_no_folder_is_left() -> None:
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
