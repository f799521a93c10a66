"""Window states for tests, with every field set."""

from streams.events.finding import CREATE, OPEN
from streams.findings.rules import Rule
from streams.findings.settings import FindingsSettings
from streams.findings.store.last_alert import LastAlert
from streams.findings.store.window_state import WindowState, window_key
from streams.severity import Severity
from tests.findings.samples import DAY_MS, MONDAY_MS, hit
from tests.findings.store.test_tally import entry

RULE: Rule = FindingsSettings().policy().rules[0]
DIGEST = b"rule"


def filled(number: int = 0, domain: str = "army.ml") -> WindowState:
    window = WindowState(
        window_key(DIGEST, number.to_bytes(16), MONDAY_MS), RULE, MONDAY_MS + 2 * DAY_MS, MONDAY_MS + 3 * DAY_MS
    )
    for mail in range(3):
        window.tally.add(entry(hit=mail, mail=mail, domain=1), 2)
    window.names.sender = "desk7@mod.gov.uk"
    window.names.domains[(1).to_bytes(4)] = hit(domain=domain, group="allies").mistaken_domain
    window.names.labels["SECRET"] = None
    window.has_names_record = True
    window.last_alert = LastAlert(
        1,
        CREATE,
        Severity.LOW,
        1,
        1,
        0,
        1,
        0,
        count_is_minimum=False,
        window=OPEN,
        created_ms=0,
        time_ms=0,
        accepted_peak=1,
    )
    return window


def parts(window: WindowState) -> object:
    names = (window.names.sender, window.names.domains, list(window.names.labels))
    tally = (window.tally.packed(), window.tally.count_is_minimum)
    return (
        window.key,
        window.rule,
        window.final_ms,
        window.drop_ms,
        names,
        tally,
        window.has_names_record,
        window.last_alert,
    )
