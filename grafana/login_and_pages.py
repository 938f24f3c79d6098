"""The dashboard *Login and pages*: which step fails or is slow, what a page weighs, and when a person sees it."""

from __future__ import annotations

from typing import Any

from grafana import login_steps, pages
from grafana.dashboard import dashboard, variable
from grafana.fields import GREEN, PURPLE, RED, YELLOW, steps
from grafana.panels import bars, lines, stat, timeline
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

Json = dict[str, Any]

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
            ("", [(4, _stats()), (7, [(24, _probes())])]),
            (
                "Sign-ins and journeys",
                [(8, [(24, login_steps.waterfall())]), (8, login_steps.failing()), (8, [(24, login_steps.compared())])],
            ),
            ("Where the time goes", [(8, _phases())]),
            ("Pages", [(8, pages.assets()), (8, pages.vitals())]),
        ],
        more=[login],
    )


def _stats() -> list[tuple[int, Json]]:
    state = series("prober_probe_state", 'state="down"', _LOGIN)
    down = (
        "Sign-ins and journeys that are down. *Failing step* says where it breaks; the page before the submit, the "
        "submit itself and the who-am-I after it are three different owners."
    )
    held = (
        "Sign-ins whose password was refused, or whose account is locked: prober does not send it again until it "
        "changes or an hour has passed. Set the right one, unlock the account, reload."
    )
    login = (
        "The share of sign-ins and journeys that succeeded, over all that is shown, without failures that are our own. "
        "Red below 99 %: see *Failing step*."
    )
    page = (
        "The share of page loads that succeeded, over all that is shown, without failures that are our own. Red below "
        "99 %: see *Broken assets*, and *Why* in the overview."
    )
    broken = (
        "Assets of the pages' last loads that a browser could not use. One is enough for a blank page after a broken "
        "deployment: *Broken assets* has the kind, `prober check NAME` the URL."
    )
    share = steps(RED, (0.99, YELLOW), (0.995, GREEN))
    breaker = total("", series("prober_credentials_breaker_open"))
    lost = total("", series("prober_page_requests", _BROKEN))
    return [
        (
            5,
            stat(
                "Sign-ins down",
                down,
                now(count_of(f"{state} == 1", among=state)),
                unit="none",
                thresholds=steps(GREEN, (1, RED)),
                decimals=0,
            ),
        ),
        (
            5,
            stat(
                "Sign-ins held back", held, now(breaker), unit="none", thresholds=steps(GREEN, (1, PURPLE)), decimals=0
            ),
        ),
        (
            5,
            stat(
                "Availability of sign-ins",
                login,
                now(availability("", RANGE, _LOGIN)),
                unit="percentunit",
                thresholds=share,
                decimals=2,
            ),
        ),
        (
            5,
            stat(
                "Availability of pages",
                page,
                now(availability("", RANGE, _PAGE)),
                unit="percentunit",
                thresholds=share,
                decimals=2,
            ),
        ),
        (4, stat("Broken assets now", broken, now(lost), unit="none", thresholds=steps(GREEN, (1, RED)), decimals=0)),
    ]


def _probes() -> Json:
    why = (
        "One row a probe. Red is down, orange down in some places, yellow slow or flapping, purple blind: for a "
        "sign-in mostly our own password. A page that is up while its sign-in is red is an outage of the sign-in "
        "alone."
    )
    return timeline(
        "Sign-ins, journeys and pages", why, over_time(standing("provider, probe", _BOTH), "{{provider}} / {{probe}}")
    )


def _phases() -> list[tuple[int, Json]]:
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
        (12, bars("Phases", phases, phase, unit="s")),
        (12, lines("Duration", whole, over_time(spent, "{{probe}} {{location}}"), unit="s")),
    ]
