"""Outages as scripts: timed steps that set faults, played at any speed."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

import yaml

from prober.simulator.faults.document import FaultErrors, parse

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from prober.simulator.faults.store import Faults

__all__ = ["Scenario", "ScenarioError", "Stage", "Step", "from_raw", "load", "names"]

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_OFFSET = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h))+")
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")


class ScenarioError(ValueError):
    """A scenario is not there, or its file has a mistake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """From ``at_seconds`` on, the surfaces that ``faults`` names have these faults and no others."""

    at_seconds: float
    note: str
    faults: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A script. With ``repeat_after_seconds`` it begins again so long after its last step."""

    name: str
    title: str
    steps: tuple[Step, ...]
    repeat_after_seconds: float | None = None

    @property
    def duration_seconds(self) -> float:
        """When the last step comes, at speed 1."""
        return self.steps[-1].at_seconds


class Stage:
    """Where scenarios are played: it sets their faults, and knows what is on."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._scenario: Scenario | None = None
        self._speed = 1.0
        self._began = 0.0
        self._step: Step | None = None
        self._clock: Callable[[], float] = time.monotonic

    async def play(
        self,
        scenario: Scenario,
        *,
        speed: float = 1.0,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Play the scenario, ``speed`` times as fast as it is written. Returns after its last step, or never."""
        if speed <= 0:
            raise ValueError("speed must be above 0")
        self._scenario, self._speed, self._clock = scenario, speed, clock
        self._began = clock()
        while True:
            self._faults.clear()
            for step in scenario.steps:
                # Due times are absolute, so that late wake-ups do not add up.
                delay = self._began + step.at_seconds / speed - clock()
                if delay > 0:
                    await sleep(delay)
                self._step = step
                self._faults.update(step.faults)
            if scenario.repeat_after_seconds is None:
                return
            again = self._began + (scenario.duration_seconds + scenario.repeat_after_seconds) / speed
            await sleep(max(0.0, again - clock()))
            self._began = again

    def described(self) -> dict[str, object]:
        """What is on, for ``GET /-/scenario``; ``name`` is null where nothing is."""
        scenario, step = self._scenario, self._step
        if scenario is None:
            return {"name": None}
        elapsed = (self._clock() - self._began) * self._speed
        last = step is not None and step is scenario.steps[-1]
        return {
            "name": scenario.name,
            "title": scenario.title,
            "speed": self._speed,
            "elapsed_seconds": round(elapsed, 3),
            "duration_seconds": scenario.duration_seconds,
            "finished": last and scenario.repeat_after_seconds is None,
            "step": scenario.steps.index(step) if step is not None else None,
            "note": step.note if step is not None else None,
            "steps": [{"at_seconds": each.at_seconds, "note": each.note} for each in scenario.steps],
            "faults": self._faults.document,
        }


def names() -> tuple[str, ...]:
    """The scenarios that come with the simulator."""
    return tuple(sorted(each.name.removesuffix(".yaml") for each in _folder().iterdir() if each.name.endswith(".yaml")))


def load(name: str, providers: Sequence[str] = ("parrot", "magpie")) -> Scenario:
    """The scenario of that name. Raises :class:`ScenarioError`."""
    if name not in names():
        raise ScenarioError(f"there is no scenario {name!r}; there are: {', '.join(names())}")
    raw = yaml.safe_load(_folder().joinpath(f"{name}.yaml").read_text("utf-8"))
    return from_raw(name, raw, providers)


def from_raw(name: str, raw: object, providers: Sequence[str]) -> Scenario:
    """A scenario out of a file's plain value."""
    if not isinstance(raw, dict) or not {"title", "steps"} <= raw.keys() <= {"title", "steps", "repeat_after"}:
        raise ScenarioError(f"{name}: needs title and steps, and takes repeat_after")
    steps = tuple(_steps(name, raw["steps"], providers))
    if not steps:
        raise ScenarioError(f"{name}: has no steps")
    again = raw.get("repeat_after")
    return Scenario(
        name=name,
        title=str(raw["title"]),
        steps=steps,
        repeat_after_seconds=None if again is None else _seconds(f"{name}: repeat_after", again),
    )


def _steps(name: str, raw: object, providers: Sequence[str]) -> Iterator[Step]:
    before = 0.0
    for index, step in enumerate(raw if isinstance(raw, list) else []):
        where = f"{name}: steps[{index}]"
        if not isinstance(step, dict) or not {"at", "note"} <= step.keys() <= {"at", "note", "faults"}:
            raise ScenarioError(f"{where}: needs at and note, and takes faults")
        at = _seconds(f"{where}.at", step["at"])
        if at < before:
            raise ScenarioError(f"{where}.at: comes before the step in front of it")
        before = at
        faults = step.get("faults") or {}
        try:
            parse(faults, providers)
        except FaultErrors as errors:
            raise ScenarioError(f"{where}.faults: {errors}") from None
        yield Step(at_seconds=at, note=str(step["note"]), faults=faults)


def _seconds(where: str, value: object) -> float:
    if not isinstance(value, str) or not _OFFSET.fullmatch(value):
        raise ScenarioError(f"{where}: must be a duration such as 90s or 1h30m, not {value!r}")
    return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(value))


def _folder() -> Traversable:
    return files("prober.simulator").joinpath("scenarios")
