"""Groups of senders."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.backtest.groups import NO_DOMAIN, SenderGroups, read_groups, shown
from streams.errors import UsageError


def test_groups_of_senders(tmp_path: Path) -> None:
    path = tmp_path / "groups.csv"
    path.write_text("mod.example,The rest\nhq.mod.example,Headquarters\nsmith1@hq.mod.example, Smith \n")
    groups = read_groups(path)
    assert groups.of("Smith1@HQ.mod.example") == "Smith"
    assert groups.of("smith2@hq.mod.example") == "Headquarters"
    assert groups.of("a@army.mod.example") == "The rest"
    assert groups.of("a@elsewhere.example") == "elsewhere.example"
    assert shown("Smith", groups) == "Smith"
    assert shown("bücher.example", groups) == "xn--bcher-kva.example"
    assert shown("<script>", SenderGroups()) == NO_DOMAIN
    path.write_text("mod.example\n")
    with pytest.raises(UsageError, match="line 1: write an address or a domain"):
        read_groups(path)
    with pytest.raises(UsageError, match="can't read the groups"):
        read_groups(tmp_path / "none")
