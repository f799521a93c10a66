"""Count contexts for tests."""

from streams.findings.context import CountContext
from streams.findings.rules import FindingPolicy
from streams.findings.store.window_state import WindowState
from streams.findings.store.window_store import WindowStore
from streams.findings.watermark import Watermark
from tests.findings.worker import DIGESTS


def new_context(policy: FindingPolicy, watermark_ms: int | None = None) -> CountContext:
    """The context of a partition without hits, with all rules of the policy."""
    rules = {DIGESTS.rule(rule.identity): rule for rule in policy.rules}
    return CountContext(policy, DIGESTS, rules, WindowStore(rules), Watermark(watermark_ms))


def only_window(counted: CountContext) -> WindowState:
    """The only window in the context."""
    (key,) = counted.windows
    window = counted.windows.get(key)
    assert window is not None
    return window
