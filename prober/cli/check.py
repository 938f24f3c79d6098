"""``prober check``: run once, now, and say what happened."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

import click
import uvloop

from prober.cli.bars import ink_for
from prober.cli.explaining import explained
from prober.cli.loading import load_config, named, warn
from prober.cli.once import run_once
from prober.cli.options import config_option, format_option, location_option, strict_option
from prober.cli.output import show, width
from prober.cli.progress import Progress
from prober.cli.timeline import COLOURS, Timeline
from prober.engine import raise_file_limit
from prober.engine.breaker import REFUSALS
from prober.model.run import Outcome
from prober.sinks.document import to_json
from prober.web.wording import duration

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from prober.config import Config
    from prober.model.probe import Probe
    from prober.model.run import Result

__all__ = ["check"]

_WORDS = {Outcome.OK: "ok", Outcome.SLOW: "slow", Outcome.FAIL: "failed", Outcome.ERROR: "not measured"}


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@config_option
@location_option
@strict_option
@format_option("text", "json")
@click.option("--explain", is_flag=True, help="Run nothing: show the plain steps that each probe comes to.")
@click.pass_context
def check(
    ctx: click.Context,
    *,
    names: tuple[str, ...],
    config_path: Path,
    location: str | None,
    strict: bool,
    form: str,
    explain: bool,
) -> None:
    """Run probes once, now: all, or those named. Exit status 1 if one failed."""
    config = load_config(config_path, location=location, strict=strict)
    warn(config)
    probes = named(config, names)
    if explain:
        show("\n".join(explained(probe, config.secrets) for probe in probes), newline=False)
        return
    raise_file_limit()
    began_ns = time.perf_counter_ns()
    report = _Report(probes, text=form == "text")
    results = _reported(report, config)
    if form == "json":
        document = {"version": 1, "probes": [to_json(probe, results.get(probe.name)) for probe in probes]}
        show(json.dumps(document, indent=2))
    else:
        show(_summary(probes, results, time.perf_counter_ns() - began_ns))
    _warn_of_lockout(probes, results)
    if any(result.outcome in {Outcome.FAIL, Outcome.ERROR} for result in results.values()):
        ctx.exit(1)


def _reported(report: _Report, config: Config) -> dict[str, Result]:
    """The results of all runs, after they were printed. Raises what writing them raises."""
    try:
        return uvloop.run(report.of(config))
    except ExceptionGroup as group:  # runs raise nothing: it is that nobody reads what we print, or that it has no room
        error: Exception = group
        while isinstance(error, ExceptionGroup):
            error = error.exceptions[0]
        raise error from None


def _warn_of_lockout(probes: Sequence[Probe], results: Mapping[str, Result]) -> None:
    """Say where a check was an attempt too much: it has no memory of the one before."""
    for probe in probes:
        failure = results[probe.name].failure if probe.name in results else None
        if probe.credentials is not None and failure is not None and failure.detail in REFUSALS:
            hold = duration(probe.credentials.hold_ns)
            said = "`prober run` would not send it again for"
            show(
                f"{probe.name}: user or password was refused: {said} {hold}, each check does (warning)",
                stream=sys.stderr,
            )


class _Report:
    """Prints each run in the order of the configuration, as soon as those before it are there too."""

    def __init__(self, probes: Sequence[Probe], *, text: bool) -> None:
        self._waiting = list(probes)
        self._results: dict[str, Result] = {}
        self._text = text
        running = sum(probe.disabled is None for probe in probes)
        self._progress = Progress(sys.stderr, total=running, ink=ink_for(sys.stderr.encoding), width=width())
        self._timeline = Timeline(ink=ink_for(sys.stdout.encoding), width=width())

    async def of(self, config: Config) -> dict[str, Result]:
        """Run the probes and print."""
        async with self._progress.turning():
            results = await run_once(config, tuple(self._waiting), self)
            self._print()
        return results

    def started(self, probe: Probe) -> None:
        """A run begins."""
        self._progress.started(probe.name)

    def finished(self, probe: Probe, result: Result) -> None:
        """A run has come to its result."""
        self._results[probe.name] = result
        self._progress.finished(probe.name)
        self._print()

    def _print(self) -> None:
        while self._text and self._waiting:
            probe = self._waiting[0]
            result = self._results.get(probe.name)
            if result is None and probe.disabled is None:
                return
            del self._waiting[0]
            self._progress.clear()
            show(self._timeline.disabled(probe) if result is None else self._timeline.run(probe, result))


def _summary(probes: Sequence[Probe], results: dict[str, Result], took_ns: int) -> str:
    counts = Counter(result.outcome for result in results.values())
    parts = [
        click.style(f"{counts[outcome]} {word}", fg=COLOURS[outcome], bold=True)
        for outcome, word in _WORDS.items()
        if counts[outcome] or outcome is Outcome.OK
    ]
    disabled = len(probes) - len(results)
    if disabled:
        parts.append(f"{disabled} disabled")
    return f"{', '.join(parts)} in {duration(took_ns)}"
