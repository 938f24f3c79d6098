"""The dashboard *Overview*: is anything wrong, where, since when, why, and whose fault."""

from __future__ import annotations

from grafana import overview_tables as tables
from grafana.dashboard import dashboard, line
from grafana.fields import FAULTS, GREEN, ORANGE, PURPLE, RED, YELLOW, Json, series_colour, steps
from grafana.panels import bars, count, history, lines, stat, timeline
from grafana.queries import (
    ALERTS,
    RANGE,
    SERVICE,
    STEP,
    WINDOW,
    availability,
    count_of,
    failing,
    good,
    grown,
    of_probers,
    own,
    series,
    standing,
    that_ran,
    total,
)
from grafana.targets import now, over_time

__all__ = ["build"]

_NONE_IS_GREEN = steps(GREEN, (1, RED))
_DOWN = series("prober_probe_state", 'state="down"')


def build() -> Json:
    """The dashboard."""
    about = "Do the AI services work as a person uses them: is anything wrong, where, since when, why, and whose fault?"
    return dashboard(
        "prober-overview",
        "prober / Overview",
        about,
        [
            ("", [line(4, *_stats(), widths=(3, 4, 3, 3, 4, 3, 4)), line(9, _services())]),
            (
                "What is wrong now",
                [line(8, tables.failing_now(), tables.firing(), widths=(14, 10)), line(7, *_places())],
            ),
            ("Why, and whose fault", [line(8, _classes(), _faults()), line(8, *_reasons())]),
            ("How good it has been", [line(8, _by_hour()), line(8, tables.budget())]),
            (
                "What needs a look",
                [line(8, tables.slowest(), tables.certificates(), widths=(14, 10)), line(8, *tables.unseen())],
            ),
        ],
    )


def _stats() -> list[Json]:
    down = (
        "No probe of the service succeeds. Go to *Failing now* for the class and the fault: target is theirs, network "
        "is on the way."
    )
    part = "Some probes or places fail and others do not. *By location* tells a place from a feature."
    probes = "Probes that are down: so many failures in a row as `down_after` says. *Failing now* lists them."
    fails, works = (
        total(SERVICE, series("prober_probe_state", f"state{which}")) for which in ('="down"', '=~"up|degraded"')
    )
    all_down, some_down = (count_of(f"{fails} > 0 and {works} {what} 0", among=fails) for what in ("==", ">"))
    return [
        count("Services down", down, now(all_down), _NONE_IS_GREEN),
        count("Services partly down", part, now(some_down), steps(GREEN, (1, ORANGE))),
        count("Probes failing", probes, now(count_of(f"{_DOWN} == 1", among=_DOWN)), _NONE_IS_GREEN),
        _blind(),
        _availability(),
        _alerts(),
        _probers(),
    ]


def _blind() -> Json:
    unknown = series("prober_probe_state", 'state="unknown"')
    why = (
        "Probes that run and see nothing, because of us: a key, a quota, a password, our network. They never count "
        "against a service, and would not notice an outage either. *Why* shows the class; docs/classes.md says what to "
        "do."
    )
    expr = count_of(that_ran(f"{unknown} == 1"), among=unknown)
    return count("Probes blind", why, now(expr), steps(GREEN, (1, PURPLE)))


def _availability() -> Json:
    why = (
        "The share of runs that succeeded, over all that is shown. Failures with the fault us or local, and errors of "
        "prober itself, are on neither side. Red below 99 %: *Availability by hour* shows which service, and when."
    )
    thresholds = steps(RED, (0.99, YELLOW), (0.995, GREEN))
    return stat(
        "Availability", why, now(availability("", RANGE)), unit="percentunit", thresholds=thresholds, decimals=2
    )


def _alerts() -> Json:
    why = (
        "Alerts of the shipped rules that fire now; *Firing alerts* lists them. Grey if no prober is there, zero also "
        "if no rules are loaded."
    )
    return count("Alerts firing", why, now(f"count({ALERTS}) or 0 * count({own('prober_build_info')})"), _NONE_IS_GREEN)


def _probers() -> Json:
    why = (
        "The share of probers that Prometheus can scrape, of those that were there within a day. A prober that is dead "
        "makes everything else here silent, so look at it first: is the process there, does `/-/healthy` answer?"
    )
    expr = f"avg({of_probers('up')})"
    return stat("Probers answering", why, now(expr), unit="percentunit", thresholds=steps(RED, (1, GREEN)), decimals=0)


def _services() -> Json:
    why = (
        "One row a service, from all its probes in all places. Green is up, yellow degraded (slow or flapping), orange "
        "partly down, red down. Purple is blind: every probe fails by our own fault, so nothing is known. Grey: no "
        "run. If a row is red, *Failing now* says why; if it is orange, *By location* says where."
    )
    return timeline("Services", why, over_time(standing(SERVICE), "{{provider}} / {{service}}"))


def _places() -> list[Json]:
    why = (
        "One row a place from which is probed, over all services; a prober without `location` is *(none)*. If one row "
        "alone is red, the trouble is that place or its network; if all are, it is the service."
    )
    named = f'label_replace({standing("location")}, "location", "(none)", "location", "")'
    slow = (
        "The share of successful runs that were above a threshold of `slow`. It rises before a service fails: see "
        "*Slowest*, and *Chat* for the time to the first token."
    )
    counted = total(SERVICE, grown("prober_probe_runs_total", 'result="slow"', window=WINDOW))
    share = f"{counted} / ({good(SERVICE, WINDOW)} > 0)"
    return [
        timeline("By location", why, over_time(named, "{{location}}")),
        lines("Slow share by service", slow, over_time(share, "{{provider}} / {{service}}"), unit="percentunit", max=1),
    ]


def _classes() -> Json:
    why = (
        "Failed runs by error class, in windows that do not overlap. Each class has a section in docs/classes.md that "
        "says what to do. *Why, counted* has the probes."
    )
    expr = f"{total('error_class', grown('prober_probe_failures_total', window=STEP))} > 0"
    return bars("Why: error classes", why, over_time(expr, "{{error_class}}"))


def _faults() -> Json:
    why = (
        "Failed runs by whose fault they are: target is theirs, network on the way, unknown is not clear; these count "
        "against the service. us (key, quota, configuration, host) and local (our network) do not: mend them yourself."
    )
    expr = f"{total('fault', grown('prober_probe_failures_total', window=STEP))} > 0"
    colours = tuple(series_colour(fault, colour) for fault, colour in FAULTS.items())
    return bars("Whose fault", why, over_time(expr, "{{fault}}"), overrides=colours)


def _reasons() -> list[Json]:
    why = (
        "The share of runs that count against the service. One failed run of few is a high share: look at how long it "
        "lasts. If it stays above zero, *Why, counted* has the class."
    )
    expr = over_time(failing(SERVICE, WINDOW), "{{provider}} / {{service}}")
    return [lines("Failing share by service", why, expr, unit="percentunit", max=1), tables.reasons()]


def _by_hour() -> Json:
    why = (
        "The share of good runs of each service in each hour, or in longer cells where more is shown. Red is below 95 "
        "%, orange below 99.5 %. A blank cell had no run that counts. For the cause of a cell, zoom in on it."
    )
    thresholds = steps(RED, (0.95, ORANGE), (0.995, GREEN))
    target = over_time(availability(SERVICE, STEP), "{{provider}} / {{service}}")
    return history("Availability by hour", why, target, unit="percentunit", thresholds=thresholds, interval="1h")
