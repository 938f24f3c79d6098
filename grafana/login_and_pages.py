"""The dashboard *Login and pages*: which step fails or is slow, what a page weighs, and when a person sees it."""

from __future__ import annotations

from grafana import login_steps, pages
from grafana.dashboard import dashboard, line, variable
from grafana.fields import GREEN, PURPLE, RED, YELLOW, Json, steps
from grafana.panels import bars, count, lines, stat, timeline
from grafana.queries import (
    RANGE,
    availability,
    count_of,
    mean,
    series,
    standing,
    total,
)
from grafana.targets import now, over_time

__all__ = ["build"]

_LOGIN, _PAGE, _BOTH = 'kind=~"login|journey"', 'kind="page"', 'kind=~"login|journey|page"'
_BROKEN = 'outcome="broken"'
_STEP = "prober_login_step_seconds"
_NAMES = {"provider": "provider", "service": "service", "probe": "probe", "location": "location"}


def build() -> Json:
    """The dashboard."""
    about = "Sign-ins, journeys and pages, step by step and asset by asset."
    login = variable("login", "Sign-in or journey", f"label_values({series(f'{_STEP}_count')}, probe)")
    return dashboard(
        "prober-login-and-pages",
        "prober / Login and pages",
        about,
        [
            ("", [line(4, *_stats(), widths=(5, 5, 5, 5, 4)), line(7, _probes())]),
            (
                "Sign-ins and journeys",
                [line(8, login_steps.waterfall()), line(8, *login_steps.failing()), line(8, login_steps.compared())],
            ),
            ("Where the time goes", [line(8, *_phases())]),
            ("Pages", [line(8, *pages.assets()), line(8, *pages.vitals())]),
        ],
        more=[login],
    )


def _stats() -> list[Json]:
    down = (
        "Sign-ins and journeys that are down. *Failing step* says where it breaks; the page before the submit, the "
        "submit itself and the who-am-I after it are three different owners."
    )
    held = (
        "Sign-ins whose password was refused, or whose account is locked: prober does not send it again until it "
        "changes or an hour has passed. Set the right one, unlock the account, reload."
    )
    broken = (
        "Assets of the pages' last loads that a browser could not use. One is enough for a blank page after a broken "
        "deployment: *Broken assets* has the kind, `prober check NAME` the URL."
    )
    state = series("prober_probe_state", 'state="down"', _LOGIN)
    breaker = total("", series("prober_credentials_breaker_open"))
    lost = total("", series("prober_page_requests", _BROKEN))
    return [
        count("Sign-ins down", down, now(count_of(f"{state} == 1", among=state)), steps(GREEN, (1, RED))),
        count("Sign-ins held back", held, now(breaker), steps(GREEN, (1, PURPLE))),
        _share("sign-ins", "*Failing step*", _LOGIN),
        _share("pages", "*Broken assets*, and *Why* in the overview", _PAGE),
        count("Broken assets now", broken, now(lost), steps(GREEN, (1, RED))),
    ]


def _share(what: str, where: str, kinds: str) -> Json:
    why = (
        f"The share of runs of {what} that succeeded, over all that is shown, without failures that are our own. Red "
        f"below 99 %: see {where}."
    )
    expr, thresholds = availability("", RANGE, kinds), steps(RED, (0.99, YELLOW), (0.995, GREEN))
    return stat(f"Availability of {what}", why, now(expr), unit="percentunit", thresholds=thresholds, decimals=2)


def _probes() -> Json:
    why = (
        "One row a probe. Red is down, orange down in some places, yellow slow or flapping, purple blind: for a "
        "sign-in mostly our own password. A page that is up while its sign-in is red is an outage of the sign-in "
        "alone."
    )
    return timeline(
        "Sign-ins, journeys and pages", why, over_time(standing("provider, probe", _BOTH), "{{provider}} / {{probe}}")
    )


def _phases() -> list[Json]:
    phases = (
        "Mean time of each phase of a run, on top of each other; of a sign-in all exchanges are summed. resolve and "
        "connect are the network, tls and processing the server, transfer the size. Choose one probe for a clear "
        "picture."
    )
    whole = (
        "Mean duration of successful runs of each probe. If it rises, *Phases* says which part; if only one location "
        "rises, it is the way there."
    )
    phase = over_time(mean("phase", "prober_probe_phase_seconds", _BOTH), "{{phase}}")
    spent = mean("probe, location", "prober_probe_duration_seconds", _BOTH, 'outcome="success"')
    return [
        bars("Phases", phases, phase, unit="s"),
        lines("Duration", whole, over_time(spent, "{{probe}} {{location}}"), unit="s"),
    ]
