"""What the HTML pages of a backtest and of a week share: one self-contained page, which can be forwarded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from streams import __version__
from streams.backtest.domains import DomainTally, Totals
from streams.backtest.groups import SenderGroups, shown
from streams.backtest.registration import ranked
from streams.backtest.what_if import if_allowed
from streams.counted import counted
from streams.domains.diff import Piece, compare
from streams.domains.registration import DESCRIPTIONS
from streams.errors import UsageError
from streams.events.dns_facts import DnsFacts
from streams.events.safe_text import clean, readable_domain

try:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    from streams.backtest.charts import SECOND, Chart, over_time, ranking
except ModuleNotFoundError as error:
    remedy = "install straymail with its extra `report`, as in `python3 -m pip install '.[report]'`"
    raise UsageError(f"a report needs {error.name}: {remedy}") from error

FIRST_SHOWN = 5
LEAKS_SHOWN = 200
BARS_SHOWN = 12


def page(template: str, totals: Totals, facts: Mapping[str, DnsFacts], **context: Any) -> str:
    """A page as HTML text: the template with this context, and with what both pages show of the leaks. `facts` are what
    DNS said, by domain."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        finalize=_shown,
    )
    environment.filters.update(
        day=_day, date=_date, pieces=_pieces, number="{:,}".format, counted=counted, unicode=_readable
    )
    leaks = ranked(totals.domains.values(), facts)
    return environment.get_template(template).render(
        version=__version__,
        leaks=leaks[:LEAKS_SHOWN],
        leaks_left=max(0, len(leaks) - LEAKS_SHOWN),
        first=[leak for leak in leaks if leak.tally.mistaken.certain][:FIRST_SHOWN],
        registration_words=DESCRIPTIONS,
        allowed=if_allowed(totals),
        **context,
    )


def leak_charts(
    totals: Totals, days: tuple[int, int], groups: SenderGroups, events_by_group: Mapping[str, int]
) -> dict[str, Chart]:
    """Charts of the mails to mistaken domains: over time, by slip, and by group of senders, with the share of all mails
    of a group where these are known. Days are numbered from the epoch, UTC."""
    most = totals.by_group.most_common(BARS_SHOWN)
    rates = [_rate(count, events_by_group.get(group, 0)) for group, count in most]
    named = [(clean(shown(group, groups)), count) for group, count in most]
    slips = [(clean(slip), count) for slip, count in totals.by_slip.most_common(BARS_SHOWN)]
    return {
        "time": over_time("time", "Mails to mistaken domains over time", totals.slips_by_day, days),
        "slips": ranking("slips", "Mails by slip", slips),
        "groups": ranking("groups", "Mails by group of senders", named, rates),
    }


def alert_chart(raised_by_day: Mapping[int, int], days: tuple[int, int]) -> Chart:
    """Chart of the alerts that need attention."""
    return over_time("alerts", "Alerts that need attention, over time", raised_by_day, days, SECOND)


def _rate(slips: int, mails: int) -> str:
    return f"({10_000 * slips / mails:.1f} in 10,000)" if mails else ""


def _day(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1000, tz=UTC).strftime("%-d %B %Y")


def _date(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1000, tz=UTC).strftime("%-d %b %Y")


def _readable(domain: str) -> str:
    """The domain in Unicode if it has non-ASCII letters, else empty."""
    unicode = readable_domain(domain)
    return unicode if unicode != domain else ""


def _shown(value: Any) -> Any:
    """Every text that the page shows is cleaned; what is markup already was made of such texts."""
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _pieces(tally: DomainTally) -> Sequence[Piece]:
    """The typed domain in pieces, with those that differ from the intended one marked."""
    return compare(tally.domain, tally.mistaken.intended).typed
