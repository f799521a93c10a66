"""The SQLite files of notify."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.errors import StraymailError
from streams.notify.database import open_exclusively


def test_a_file_has_one_user_is_private_and_is_named_where_it_cannot_be_used(tmp_path: Path) -> None:
    path, tables = tmp_path / "own.sqlite", "CREATE TABLE IF NOT EXISTS t (a);"
    connection = open_exclusively(path, tables)
    with pytest.raises(StraymailError, match=r"own\.sqlite .*only one `straymail notify` can use it"):
        open_exclusively(path, tables)
    connection.close()
    open_exclusively(path, tables).close()
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(StraymailError, match="can't use the journal"):
        open_exclusively(tmp_path / "nosuch" / "own.sqlite", tables)
