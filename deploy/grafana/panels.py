"""What the dashboard shows: rows of panels, each a title, a description, a unit and its PromQL expressions with their
legends. `SELECT` in an expression stands for the dashboard's variables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SELECTOR = 'namespace=~"$namespace", job=~"$job"'


@dataclass(frozen=True)
class Panel:
    """One panel; `queries` are pairs of an expression and its legend. A `stat` shows the last value as a number."""

    title: str
    description: str
    unit: str
    queries: tuple[tuple[str, str], ...]
    kind: Literal["lines", "bars", "stat"] = "lines"
    runbook: str = ""


def _by(label: str, function: str, metric: str, extra: str = "") -> tuple[str, str]:
    """The sum of a counter's rate or increase, by a label."""
    window = "$__interval" if function == "increase" else "$__rate_interval"
    return f"sum by ({label}) ({function}({metric}{{SELECT{extra}}}[{window}]))", f"{{{{{label}}}}}"


def _quantiles(metric: str, by: str = "") -> tuple[tuple[str, str], ...]:
    labels, legend = (f"le, {by}", f" {{{{{by}}}}}") if by else ("le", "")
    rate = f"sum by ({labels}) (rate({metric}_bucket{{SELECT}}[$__rate_interval]))"
    return tuple((f"histogram_quantile({q}, {rate})", f"{name}{legend}") for q, name in ((0.5, "half"), (0.95, "95 %")))


SOC = (
    Panel(
        "Open findings",
        "Findings whose window has not ended, over all workers.",
        "short",
        (("sum(straymail_findings_open{SELECT})", "open"),),
        "stat",
    ),
    Panel(
        "Typo hits in the chosen time",
        "Mail events to a mistyped domain, one for each event and domain.",
        "short",
        (("sum(increase(straymail_typo_hits_total{SELECT}[$__range]))", "hits"),),
        "stat",
        "StraymailHitSurge",
    ),
    Panel(
        "Alerts in the chosen time, high and critical",
        "Published states of findings of these severities; one finding may give several.",
        "short",
        (('sum(increase(straymail_alerts_total{SELECT, severity=~"high|critical"}[$__range]))', "alerts"),),
        "stat",
    ),
    Panel(
        "Dead letters in the chosen time",
        "Records that could not be read. Their mail was not scored.",
        "short",
        (("sum(increase(straymail_dead_letters_total{SELECT}[$__range]))", "dead letters"),),
        "stat",
        "StraymailDeadLetters",
    ),
    Panel(
        "Typo hits by slip",
        "Hits by kind of typing mistake.",
        "short",
        (_by("slip", "increase", "straymail_typo_hits_total"),),
        "bars",
        "StraymailHitSurge",
    ),
    Panel(
        "Alerts by severity",
        "Published states of findings, updates and withdrawals included.",
        "short",
        (_by("severity", "increase", "straymail_alerts_total"),),
        "bars",
    ),
    Panel(
        "Open findings by rule",
        "Findings whose window has not ended.",
        "short",
        (("sum by (rule) (straymail_findings_open{SELECT})", "{{rule}}"),),
    ),
    Panel(
        "Top kinds of slips",
        "The five slips with the most hits in the chosen time.",
        "short",
        (("topk(5, sum by (slip) (increase(straymail_typo_hits_total{SELECT}[$__range])))", "{{slip}}"),),
        "stat",
    ),
    Panel(
        "Alerts by rule and activity",
        "Created, updated, and closed where a finding was withdrawn.",
        "short",
        (
            (
                "sum by (rule, activity) (increase(straymail_alerts_total{SELECT}[$__interval]))",
                "{{rule}}: {{activity}}",
            ),
        ),
        "bars",
    ),
    Panel(
        "Dead letters by reason",
        "Why records could not be read.",
        "short",
        (_by("reason", "increase", "straymail_dead_letters_total"),),
        "bars",
        "StraymailDeadLetters",
    ),
    Panel(
        "Not judged",
        "Recipients whose domain is not a domain name, and mistaken domains beyond the hundred that lead to hits.",
        "short",
        (
            ("sum(increase(straymail_recipients_not_domains_total{SELECT}[$__interval]))", "not a domain name"),
            ("sum(increase(straymail_domains_over_limit_total{SELECT}[$__interval]))", "over the limit"),
        ),
        "bars",
    ),
    Panel(
        "Late hits",
        "Hits that arrived after the state of their window was dropped; they open findings of their own, marked late.",
        "short",
        (
            ("sum(increase(straymail_late_hits_total{SELECT}[$__interval]))", "late hits"),
            ("sum(increase(straymail_repeated_hits_total{SELECT}[$__interval]))", "read again"),
        ),
        "bars",
    ),
    Panel(
        "Watchlist",
        "Watched domains in use (the smallest number among the workers), and entries that expire within 14 days.",
        "short",
        (
            ("min(straymail_watchlist_domains{SELECT})", "watched"),
            ("max(straymail_watchlist_entries_expiring{SELECT})", "expiring"),
        ),
        runbook="StraymailWatchlistExpiring",
    ),
)

OPERATIONS = (
    Panel(
        "Workers ready",
        "Workers that have joined the group and restored their state.",
        "short",
        (("sum(straymail_ready{SELECT})", "ready"),),
        "stat",
        "StraymailNoReadyWorker",
    ),
    Panel(
        "Version",
        "Workers by the version that they run.",
        "short",
        (("count by (version) (straymail_build_info{SELECT})", "{{version}}"),),
        "stat",
    ),
    Panel(
        "Silence of each feed",
        "Age of the newest mail event, by source. Sources that are not configured are `other`.",
        "s",
        (
            (
                "time() - max by (source) (max_over_time(straymail_last_event_timestamp_seconds{SELECT}[1d]))",
                "{{source}}",
            ),
        ),
        "stat",
        "StraymailFeedSilent",
    ),
    Panel(
        "Lag of the consumer group",
        "Records not yet committed, as Kafka shows them (needs an exporter of consumer groups).",
        "short",
        (
            (
                "sum by (consumergroup, topic)"
                ' (clamp_min(kafka_consumergroup_lag{topic=~".*mail[.](events|typo-hits|typo-domains)"}, 0))',
                "{{consumergroup}} {{topic}}",
            ),
        ),
        runbook="StraymailLagGrowing",
    ),
    Panel(
        "Throughput",
        "Mail events a second, by outcome.",
        "cps",
        (_by("outcome", "rate", "straymail_events_total"),),
        runbook="StraymailMostlyDeadLetters",
    ),
    Panel(
        "Lag as workers see it",
        "Records still to be read, of the assigned partitions.",
        "short",
        (("sum by (topic) (straymail_consumer_lag{SELECT})", "{{topic}}"),),
        runbook="StraymailLagGrowing",
    ),
    Panel(
        "Event age",
        "Age of the newest mail event of a batch when it is scored.",
        "s",
        _quantiles("straymail_event_age_seconds"),
        runbook="StraymailEventsOld",
    ),
    Panel("Batch time", "Time to process a batch, by step.", "s", _quantiles("straymail_batch_seconds", "step")),
    Panel("Batch size", "Records in a batch, by step.", "short", _quantiles("straymail_batch_events", "step")),
    Panel(
        "Scoring time",
        "Time to score a domain that was not in the cache.",
        "s",
        _quantiles("straymail_score_seconds"),
    ),
    Panel(
        "Verdict cache",
        "Share of the recipient domains whose verdict was in the cache.",
        "percentunit",
        (
            (
                'sum(rate(straymail_domains_scored_total{SELECT, cache="hit"}[$__rate_interval]))'
                " / sum(rate(straymail_domains_scored_total{SELECT}[$__rate_interval]))",
                "hits",
            ),
        ),
    ),
    Panel(
        "Memory",
        "Resident memory of each worker.",
        "bytes",
        (
            (
                "process_resident_memory_bytes{SELECT} and on (namespace, job, instance) straymail_build_info{SELECT}",
                "{{instance}}",
            ),
        ),
        runbook="StraymailRestarting",
    ),
    Panel(
        "CPU",
        "Cores that each worker uses.",
        "short",
        (
            (
                "rate(process_cpu_seconds_total{SELECT}[$__rate_interval])"
                " and on (namespace, job, instance) straymail_build_info{SELECT}",
                "{{instance}}",
            ),
        ),
    ),
    Panel(
        "Clock skew",
        "How far each worker's clock is ahead of the broker's; beyond five minutes it ends no windows by its clock.",
        "s",
        (("straymail_clock_skew_seconds{SELECT}", "{{instance}}"),),
        runbook="StraymailClockWrong",
    ),
    Panel(
        "Watermarks left out",
        "Watermark messages ahead of the broker's time, from a worker whose clock is wrong and that doesn't notice it.",
        "short",
        (("sum(increase(straymail_watermarks_left_out_total{SELECT}[$__interval]))", "left out"),),
        "bars",
        runbook="StraymailClockWrong",
    ),
    Panel(
        "Rebalances",
        "Rebalances of the consumer group, and batches that were dropped because of one.",
        "short",
        (
            ("max(increase(straymail_rebalances_total{SELECT}[$__rate_interval]))", "rebalances"),
            ("sum(increase(straymail_stale_batches_total{SELECT}[$__rate_interval]))", "batches dropped"),
        ),
        runbook="StraymailRebalancing",
    ),
    Panel(
        "What should stay at zero",
        "Records that Kafka permanently refused, records that retention deleted before they were read, and partitions "
        "whose state has lost records.",
        "short",
        (
            ("sum(increase(straymail_delivery_failures_total{SELECT}[$__rate_interval]))", "deliveries refused"),
            (
                "sum by (topic) (increase(straymail_records_skipped_total{SELECT}[$__rate_interval]))",
                "skipped in {{topic}}",
            ),
            ("sum by (topic) (straymail_state_damaged{SELECT})", "damaged states of {{topic}}"),
        ),
        runbook="StraymailRecordsSkipped",
    ),
    Panel(
        "Readiness of each worker",
        "1 when it is ready.",
        "short",
        (("straymail_ready{SELECT}", "{{instance}}"),),
        runbook="StraymailNoReadyWorker",
    ),
    Panel(
        "Watchlist reloads",
        "Changed watchlists that were loaded or refused, over all workers.",
        "short",
        (_by("result", "increase", "straymail_watchlist_reloads_total"),),
        "bars",
        "StraymailWatchlistRefused",
    ),
    Panel(
        "What DNS says",
        "Mistaken domains of batches, by whether it was known in time; none where DNS is not asked.",
        "short",
        (_by("facts", "increase", "straymail_dns_facts_total"),),
        "bars",
    ),
)

MEMORY = (
    Panel(
        "Memory of earlier mail",
        "Persons and correspondents that a worker remembers; every worker has all of them.",
        "short",
        (("max by (kind) (straymail_memory_entries{SELECT})", "{{kind}}"),),
    ),
    Panel(
        "How far the memory reaches back",
        "Time since the first day that it knows.",
        "s",
        (("time() - min(straymail_memory_since_timestamp_seconds{SELECT} > 0)", "reach"),),
    ),
    Panel(
        "Hits judged with memory",
        "Typo hits by who knew the recipient at the intended domain.",
        "short",
        (_by("known_to", "increase", "straymail_memory_asked_total"),),
        "bars",
    ),
    Panel(
        "Learned, dropped and skipped",
        "Entries changed by mail, entries dropped from a full memory, and records that can't be used.",
        "short",
        (
            _by("kind", "increase", "straymail_memory_learned_total"),
            ("max(increase(straymail_memory_evicted_total{SELECT}[$__interval]))", "dropped"),
            (
                "max by (reason) (increase(straymail_memory_records_skipped_total{SELECT}[$__interval]))",
                "skipped: {{reason}}",
            ),
        ),
        "bars",
    ),
)

GATE = (
    Panel(
        "What gates decided",
        "Recipients by what became of them, and why: those that are asked, rejected or listed are refused.",
        "short",
        (_by("decision", "increase", "straymail_gate_decisions_total"),),
        "bars",
    ),
    Panel(
        "What came of the questions",
        "Recipients that senders were asked about, and then confirmed, or corrected to the intended domain; and "
        "those that they would be asked about, where the mode is audit.",
        "short",
        (
            _by("outcome", "increase", "straymail_gate_outcomes_total"),
            ("sum(increase(straymail_gate_would_ask_total{SELECT}[$__interval]))", "would be asked"),
        ),
        "bars",
    ),
    Panel(
        "Passed without a judgement",
        "Recipients that gates let pass for a fault of their own, by reason.",
        "short",
        (_by("reason", "increase", "straymail_gate_faults_total"),),
        "bars",
        "StraymailGateFaults",
    ),
    Panel(
        "Ready gates",
        "Gates that judge what they are asked about.",
        "short",
        (
            (
                "straymail_ready{SELECT} and on (namespace, job, instance) straymail_gate_connections{SELECT}",
                "{{instance}}",
            ),
        ),
        runbook="StraymailNoReadyGate",
    ),
    Panel(
        "Time to answer",
        "How long mail systems wait for an answer.",
        "s",
        _quantiles("straymail_gate_seconds", "protocol"),
    ),
    Panel(
        "Connections of mail systems",
        "Open connections, over all gates.",
        "short",
        (("sum by (protocol) (straymail_gate_connections{SELECT})", "{{protocol}}"),),
    ),
    Panel(
        "Bad requests, programs that confirm",
        "Requests that broke the protocol or its bounds, and senders that seem to confirm by machine.",
        "short",
        (
            _by("protocol", "increase", "straymail_gate_bad_requests_total"),
            ("sum(increase(straymail_gate_machine_senders_total{SELECT}[$__interval]))", "programs"),
        ),
        "bars",
        "StraymailGateMachineSenders",
    ),
    Panel(
        "Questions and confirmations that are remembered",
        "Every gate has all of them where they are kept in Kafka.",
        "short",
        (("max by (kind) (straymail_gate_stored{SELECT})", "{{kind}}"),),
    ),
)

ROWS = {"For the SOC": SOC, "For operations": OPERATIONS, "Memory": MEMORY, "Gate": GATE}


def expressions() -> list[str]:
    """Every PromQL expression of the dashboard, with its variables."""
    return [select(query) for panels in ROWS.values() for panel in panels for query, _ in panel.queries]


def select(query: str) -> str:
    return query.replace("SELECT", SELECTOR)
