"""The finding policy has the rules of the settings and the groups and allowed domains of the watchlist."""

from streams.domains.watchlist.default_groups import DEFAULT_GROUPS
from streams.domains.watchlist.watchlist import Allowed, Group, Watchlist
from streams.findings.finding_policy import finding_policy
from streams.findings.settings import FindingsSettings
from streams.severity import Severity


def test_the_rules_come_from_the_settings_and_the_groups_from_the_watchlist() -> None:
    groups = {"allies": Group(Severity.HIGH, "allies@x.org")}
    watchlist = Watchlist({"army.mil": "allies"}, {"army.cz": Allowed("army.cz")}, {}, groups)
    settings = FindingsSettings(grace="2h", labels={"SECRET": "high"})
    policy = finding_policy(settings, watchlist, ["harbour.example"])
    assert policy.rules == settings.policy().rules
    assert (policy.grace_ms, policy.label_floor("secret")) == (7_200_000, Severity.HIGH)
    assert policy.groups == {**DEFAULT_GROUPS, **groups}
    assert [policy.class_of(domain) for domain in ("army.mil", "harbour.example", "x.example")] == [
        "defence",
        "own",
        None,
    ]
    assert [policy.is_allowed(domain) for domain in ("army.cz", "mail.army.cz", "army.ml")] == [True, True, False]
