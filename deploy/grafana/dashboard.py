"""Writes the dashboard, straymail.json, from panels.py: `python -m deploy.grafana.dashboard`."""

from __future__ import annotations

from pathlib import Path

from grafana_foundation_sdk.builders import common, stat, timeseries
from grafana_foundation_sdk.builders.dashboard import (
    Dashboard,
    DashboardLink,
    DatasourceVariable,
    QueryVariable,
    Row,
)
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.variants import Dataquery as AnyQuery
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.common import (
    BigValueGraphMode,
    GraphDrawStyle,
    LegendDisplayMode,
    LegendPlacement,
    StackingMode,
    TooltipDisplayMode,
)
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLinkType,
    DataSourceRef,
    VariableRefresh,
    VariableSort,
)

from deploy.grafana.panels import ROWS, Panel, select

PATH = Path(__file__).with_name("straymail.json")
RUNBOOK = "docs/runbook.md"
"""Where the runbook is; the chart puts its own value in this one's place."""
DATASOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
PANEL_HEIGHT, STAT_HEIGHT, PANEL_WIDTH = 8, 4, 6


def dashboard() -> str:
    """The dashboard as JSON, the same at each run."""
    built = (
        Dashboard("straymail")
        .uid("straymail")
        .description("Mail to mistyped domains: what was found, and how the pipeline does.")
        .tags(["straymail", "kafka", "email"])
        .time("now-24h", "now")
        .refresh("1m")
        .timezone("browser")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .link(DashboardLink("Runbook").type(DashboardLinkType.LINK).url(RUNBOOK).target_blank(True))
        .with_variable(DatasourceVariable("datasource").label("Data source").type("prometheus"))
        .with_variable(_variable("namespace", "Namespace", "label_values(straymail_build_info, namespace)"))
        .with_variable(_variable("job", "Job", 'label_values(straymail_build_info{namespace=~"$namespace"}, job)'))
    )
    for title, panels in ROWS.items():
        built.with_row(Row(title))
        for panel in panels:
            built.with_panel(_stat(panel) if panel.kind == "stat" else _timeseries(panel))
    return JSONEncoder(sort_keys=True, indent=2).encode(built.build()) + "\n"


def _variable(name: str, label: str, query: str) -> QueryVariable:
    return (
        QueryVariable(name)
        .label(label)
        .datasource(DATASOURCE)
        .query(query)
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.ALPHABETICAL_ASC)
        .include_all(True)
        .all_value(".*")
        .multi(True)
    )


def _targets(panel: Panel) -> list[Builder[AnyQuery]]:
    targets: list[Builder[AnyQuery]] = []
    for number, (query, legend) in enumerate(panel.queries):
        target = Dataquery().ref_id(chr(ord("A") + number)).datasource(DATASOURCE).expr(select(query))
        target = target.legend_format(legend)
        targets.append(target.instant() if panel.kind == "stat" else target.range())
    return targets


def _links(panel: Panel) -> list[Builder[models.DashboardLink]]:
    if not panel.runbook:
        return []
    link = DashboardLink(f"Runbook: {panel.runbook}").type(DashboardLinkType.LINK)
    return [link.url(f"{RUNBOOK}#{panel.runbook.lower()}").target_blank(True)]


def _stat(panel: Panel) -> stat.Panel:
    built = stat.Panel().title(panel.title).description(panel.description).unit(panel.unit).datasource(DATASOURCE)
    built = built.height(STAT_HEIGHT).span(PANEL_WIDTH).graph_mode(BigValueGraphMode.NONE).links(_links(panel))
    return built.reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"])).targets(_targets(panel)).min(0)


def _timeseries(panel: Panel) -> timeseries.Panel:
    built = timeseries.Panel().title(panel.title).description(panel.description).unit(panel.unit)
    built = built.datasource(DATASOURCE).height(PANEL_HEIGHT).span(PANEL_WIDTH).links(_links(panel)).min(0)
    built = built.legend(
        common.VizLegendOptions()
        .display_mode(LegendDisplayMode.LIST)
        .placement(LegendPlacement.BOTTOM)
        .show_legend(True)
    ).tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI))
    if panel.kind == "bars":
        built = built.draw_style(GraphDrawStyle.BARS).fill_opacity(60)
        built = built.stacking(common.StackingConfig().mode(StackingMode.NORMAL))
    return built.targets(_targets(panel))


if __name__ == "__main__":
    PATH.write_text(dashboard(), encoding="utf-8")
