"""The dashboard *Prober*: whether the one who watches is well."""

from __future__ import annotations

from grafana import prober_upkeep
from grafana.dashboard import dashboard, line
from grafana.fields import GREEN, GREY, ORANGE, RED, Json, exactly, steps
from grafana.panels import bars, count, heatmap, lines, stat, timeline
from grafana.queries import RANGE, STEP, WINDOW, grown, of_probers, own, own_standing, total
from grafana.targets import cells, now, over_time

__all__ = ["build"]

_MISSED = 'reason=~"overrun|overload"'
_LAG, _DELAY = "prober_event_loop_lag_seconds", "prober_schedule_delay_seconds"


def build() -> Json:
    """The dashboard."""
    about = "Whether prober itself is well: a measurement is worth what its clock, its schedule and its network are."
    return dashboard(
        "prober-itself",
        "prober / Prober",
        about,
        [
            ("", [line(4, *_stats(), widths=(4, 4, 3, 3, 4, 3, 3)), line(5, _connectivity())]),
            ("Clock and schedule", [line(8, *_late()), line(8, *_runs()), line(8, *_spread())]),
            (
                "Places and configuration",
                [
                    line(7, *prober_upkeep.places(), widths=(14, 10)),
                    line(7, *prober_upkeep.configuration(), widths=(14, 10)),
                ],
            ),
            ("Cost", [line(8, *prober_upkeep.scrapes()), line(8, *prober_upkeep.process())]),
        ],
    )


def _quantile(metric: str, window: str, by: str = "") -> str:
    function = "rate" if window == WINDOW else "increase"
    selected = own(f"{metric}_bucket")
    buckets = total(f"le, {by}" if by else "le", f"{function}({selected}[{window}])")
    return f"histogram_quantile(0.99, {buckets})"


def _stats() -> list[Json]:
    up = (
        "The share of probers that Prometheus can scrape. If one is missing, nobody looks from there: is the process "
        "running, does `/-/healthy` answer, is the port open to Prometheus?"
    )
    reload = (
        "1 if every prober runs the configuration that is on disk, 0 if the last attempt to load it failed somewhere: "
        "the old one goes on. `prober validate` says what is wrong, with line and column; so does the log."
    )
    network = (
        "1 while our own network is up, 0 while no target of `connectivity` answers: then states go unknown rather "
        "than down. Mend the network here. Grey: connectivity is not configured."
    )
    loaded, connected = (
        f"min({own(name)})" for name in ("prober_config_last_reload_successful", "prober_connectivity")
    )
    well, answer = steps(RED, (1, GREEN)), f"avg({of_probers('up')})"
    return [
        stat("Probers answering", up, now(answer), unit="percentunit", thresholds=well, decimals=0),
        count("Configuration loaded", reload, now(loaded), well),
        count("Network up", network, now(connected), well),
        *_lateness(),
        *_losses(),
    ]


def _lateness() -> list[Json]:
    lag = (
        "In 99 % of its looks the event loop was less late than this, over all that is shown. Above 50 ms times cannot "
        "be trusted, and runs become `error`: fewer probes, a less busy host, or a second shard."
    )
    delay = (
        "99 % of the runs began less late than this after their slot. Red above a second: more probes than this "
        "process can do. Shard them, or lengthen intervals."
    )
    lates = (
        ("Loop lag, 99 %", lag, _LAG, steps(GREEN, (0.05, ORANGE), (0.25, RED))),
        ("Start delay, 99 %", delay, _DELAY, steps(GREEN, (0.1, ORANGE), (1, RED))),
    )
    return [
        stat(title, why, now(_quantile(metric, RANGE)), unit="s", thresholds=thresholds)
        for title, why, metric, thresholds in lates
    ]


def _losses() -> list[Json]:
    missed = (
        "Runs that were due and did not happen, since the one before still ran (overrun) or no slot was free "
        "(overload). Lower the timeout below the interval, or shard. *Skipped runs* has the reason."
    )
    error = (
        "Runs that measured nothing by prober's own trouble. They count against nobody. If they go on, look at the "
        "lag, then at the log for `prober_error` and its message."
    )
    some = steps(GREEN, (0.5, ORANGE), (10, RED))
    skipped = total("", grown("prober_probe_skipped_total", _MISSED))
    errors = total("", grown("prober_probe_runs_total", 'result="error"'))
    return [
        count("Missed runs", missed, now(skipped), some),
        count("Errors of ours", error, now(errors), some),
    ]


def _connectivity() -> Json:
    why = (
        "Our own network, one row a prober. Red: no target of `connectivity` answered, so failures of name look-up and "
        "connect were ours (fault local). Grey: no data. Empty: connectivity is not configured, and a cut cable looks "
        "like an outage."
    )
    mappings = [
        exactly(-2, "no data", GREY),
        exactly(0, "cut off", RED),
        exactly(1, "connected", GREEN),
        {"type": "range", "options": {"from": 0, "to": 1, "result": {"color": ORANGE, "index": 0, "text": "in part"}}},
    ]
    return timeline(
        "Connectivity",
        why,
        over_time(own_standing("prober_connectivity"), "{{instance}}"),
        mappings=mappings,
        unit="none",
    )


def _late() -> list[Json]:
    lag = (
        "How late the event loop was, 99 %. Dashed: above 50 ms a run's times are void, if that was 5 % of it. Peaks "
        "at each scrape: a very large configuration; all the time: the host has no CPU left."
    )
    delay = (
        "How late runs began after their slot, 99 %. It grows before runs are missed: shard the probes, or give the "
        "process a core of its own."
    )
    line = steps(GREEN, (0.05, RED))
    return [
        lines(
            "Event-loop lag, 99 %",
            lag,
            over_time(_quantile(_LAG, WINDOW, "instance"), "{{instance}}"),
            unit="s",
            thresholds=line,
        ),
        lines(
            "Start delay, 99 %, over time",
            delay,
            over_time(_quantile(_DELAY, WINDOW, "instance"), "{{instance}}"),
            unit="s",
        ),
    ]


def _runs() -> list[Json]:
    skipped = (
        "Runs that were due and did not happen, by reason. overrun: the timeout is longer than the interval; overload: "
        "too much for this process; breaker: a refused password is held back; budget: the day's money is spent."
    )
    flight = (
        "Runs going on at each scrape. Near 1,024 no more are begun: targets hang, and timeouts are long. A slow rise "
        "without new probes is a target that stalls."
    )
    by_reason = total("reason", grown("prober_probe_skipped_total", 'reason!="disabled"', window=STEP))
    return [
        bars("Skipped runs", skipped, over_time(by_reason, "{{reason}}")),
        lines(
            "Runs in flight",
            flight,
            over_time(own("prober_runs_in_flight"), "{{instance}}"),
            unit="none",
            decimals=0,
            thresholds=steps(GREEN, (1000, RED)),
        ),
    ]


def _spread() -> list[Json]:
    lag = (
        "How often the event loop was how late. Nearly all should be in the lowest cells; a band above is something "
        "that blocks the loop again and again: note when, and look at the log."
    )
    errors = (
        "Runs of result error by probe: prober's own trouble. One probe alone: its configuration, or a bug that the "
        "log has with its trace; all of them: the host."
    )
    buckets = total("le", f"increase({own(f'{_LAG}_bucket')}[$__rate_interval])")
    failed = total("probe", grown("prober_probe_runs_total", 'result="error"', window=STEP))
    return [
        heatmap("Event-loop lag, spread", lag, cells(buckets), unit="s"),
        bars("Errors of ours, by probe", errors, over_time(f"{failed} > 0", "{{probe}}")),
    ]
