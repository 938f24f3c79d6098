"""How a browser is called: which program, with which flags, in which environment."""

from __future__ import annotations

import os
import shlex
import shutil
from typing import TYPE_CHECKING

from prober.browser.failure import browser_failure

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PROGRAMS", "browser_command", "browser_environment"]

PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""Looked for in this order; the first is the smallest, and starts and loads in a third of the time."""

_FLAGS = (
    *("--headless", "--remote-debugging-pipe", "--window-size=1280,800", "--hide-scrollbars", "--mute-audio"),
    *("--no-first-run", "--no-default-browser-check", "--password-store=basic", "--disable-gpu"),
    *("--disable-dev-shm-usage",),  # containers have 64 MB there
    # Nothing but the page's own requests: no updates, no reports, no preloading, no protocol that only later loads use.
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"),
    *("--disable-default-apps", "--disable-breakpad", "--disable-domain-reliability", "--metrics-recording-only"),
    *("--disable-client-side-phishing-detection", "--no-pings", "--disable-quic"),
    # Timers and rendering as in the window that a person looks at.
    *("--disable-background-timer-throttling", "--disable-backgrounding-occluded-windows"),
    "--disable-renderer-backgrounding",
)
_HANDED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "FONTCONFIG_FILE", "FONTCONFIG_PATH", "LD_LIBRARY_PATH")


def browser_command(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Program and flags. ``PROBER_CHROMIUM`` names the program, ``PROBER_CHROMIUM_ARGS`` further flags.

    Raises ProbeFailure if there is none. Root gets no sandbox, since Chromium refuses to give it one.
    """
    named = environment.get("PROBER_CHROMIUM")
    path = environment.get("PATH")
    program = next(filter(None, (shutil.which(name, path=path) for name in ([named] if named else PROGRAMS))), None)
    if program is None:
        what = named or "chromium-headless-shell or chromium"
        raise browser_failure(f"no browser: install {what}, or name the program in PROBER_CHROMIUM")
    root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    return (program, *_FLAGS, *root, *shlex.split(environment.get("PROBER_CHROMIUM_ARGS", "")))


def browser_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """What a browser needs of our environment, and no more: the rest may hold keys."""
    return {name: environment[name] for name in _HANDED_ON if name in environment}
