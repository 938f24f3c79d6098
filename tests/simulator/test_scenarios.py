"""Scenarios: the outages as scripts, and the stage they are played on."""

from __future__ import annotations

import asyncio
import functools
from typing import TYPE_CHECKING, Any

import pytest

from prober.simulator import scenario
from prober.simulator.faults import Faults
from prober.simulator.scenario import Scenario, ScenarioError, Stage, Step
from tests.simulator.company import against

if TYPE_CHECKING:
    import aiohttp

    from prober.simulator.serve import Simulator

PROVIDERS = ("parrot", "magpie")
OUTAGES = ("2023-11-08-login", "2024-12-11-telemetry", "2024-12-26-upstream", "2025-03-31-image-capacity")


class _Clock:
    """A clock that only sleeping moves, and that notes what was set when."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.now = 100.0
        self.seen: list[tuple[float, dict[str, object]]] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.seen.append((self.now - 100.0, self.faults.document))
        assert seconds >= 0
        self.now += seconds


def _played(script: Scenario, *, speed: float = 1.0) -> tuple[_Clock, Stage, Faults]:
    faults = Faults(PROVIDERS)
    clock, stage = _Clock(faults), Stage(faults)
    asyncio.run(stage.play(script, speed=speed, sleep=clock.sleep, clock=clock))
    return clock, stage, faults


def _active(document: dict[str, object]) -> dict[str, object]:
    return {target: faults for target, faults in document.items() if faults}


def test_the_scenarios_have_their_fixed_names() -> None:
    """Users type them."""
    assert set(scenario.names()) == {*OUTAGES, "demo"}


@pytest.mark.parametrize("name", [*OUTAGES, "demo"])
def test_every_scenario_begins_and_ends_green(name: str) -> None:
    """So that a probe has a baseline before the outage and a recovery after it."""
    script = scenario.load(name)
    assert script.steps[0].at_seconds == 0
    assert script.steps[0].faults == {}
    clock, stage, faults = _played(script)
    assert _active(faults.document) == {}
    assert clock.now - 100.0 == pytest.approx(script.duration_seconds)
    assert stage.described()["finished"] is True


def test_the_demo_fits_into_a_minute() -> None:
    """Green for twenty seconds; chat recovers before sign-in; green at the end."""
    script = scenario.load("demo")
    clock, _, _ = _played(script)
    assert 60 <= script.duration_seconds <= 70
    broken = {at: set(_active(document)) - {"status_page"} for at, document in clock.seen}
    assert broken[0.0] == set()
    assert broken[20.0] == {"chat", "login"}
    assert broken[36.0] == {"login"}
    assert broken[45.0] == set()
    assert min(at for at, document in clock.seen if "status_page" in _active(document)) > 20.0


_loaded = functools.cache(scenario.load)


def _at(name: str, hours: float) -> dict[str, Any]:
    """The faults of a scenario, so many hours after its beginning."""
    document: dict[str, Any] = {}
    for step in _loaded(name).steps:
        if step.at_seconds <= hours * 3600:
            document = _active({**document, **step.faults})
    return document


def test_2023_11_08_ends_with_those_who_were_signed_out() -> None:
    """A flap in the middle, another provider degraded, and at the end the oops text on the desktop only."""
    name = "2023-11-08-login"
    assert "chat" in _at(name, 1)
    assert "chat" not in _at(name, 2.5)
    assert {"chat", "magpie/chat"} <= _at(name, 5).keys()
    last = _at(name, 12.5)
    assert last["login"] == [{"fault": "oops", "client": "desktop"}]
    assert {fault["client"] for fault in last["web"]} == {"desktop"}
    assert "chat" not in last
    assert "status_page" not in last
    assert not any("session" in _at(name, hours) for hours in range(14))


def test_2024_12_11_video_is_down_longest() -> None:
    """Chat recovers partly, then wholly, while video is still down; the status page is late."""
    name = "2024-12-11-telemetry"
    assert {"chat", "video", "login", "web", "embeddings"} <= _at(name, 0.4).keys()
    assert "status_page" not in _at(name, 0.4)
    assert {"chat", "video"} <= _at(name, 4).keys()
    assert "chat" not in _at(name, 5)
    assert "video" in _at(name, 5)
    assert "video" not in _at(name, 6.3)


def test_2024_12_26_video_is_back_first_and_the_history_is_missing() -> None:
    """The cause is upstream; after recovery conversations read back empty."""
    name = "2024-12-26-upstream"
    assert {"web", "chat", "video"} <= _at(name, 1).keys()
    assert "video" not in _at(name, 5)
    assert "chat" in _at(name, 5)
    assert _at(name, 9) == {"history": [{"fault": "lost_history"}]}


def test_2025_03_31_is_no_outage() -> None:
    """Everything answers; images are overloaded, withheld from free accounts, and sign-up is closed."""
    name = "2025-03-31-image-capacity"
    document = _at(name, 2)
    withheld = [fault for fault in document["images"] if fault.get("account") == "free"]
    assert [fault["status"] for fault in withheld] == [403]
    assert document["signup"][0]["fault"] == "closed"
    assert {fault["fault"] for fault in document["chat"]} == {"latency", "slow_pace"}


def test_speed_compresses_the_script_and_nothing_else() -> None:
    """Due times are absolute, whatever each step takes."""
    clock, _, _ = _played(scenario.load("demo"), speed=10)
    assert clock.now - 100.0 == pytest.approx(6.2)
    with pytest.raises(ValueError, match="speed"):
        _played(scenario.load("demo"), speed=0)


def test_a_late_wake_up_does_not_delay_the_next_step() -> None:
    """The second step is due by the clock, not after the first."""
    steps = tuple(Step(at_seconds=at, note="", faults={}) for at in (0.0, 10.0, 20.0))
    faults = Faults(PROVIDERS)
    clock, slept = _Clock(faults), []

    async def oversleep(seconds: float) -> None:
        slept.append(seconds)
        clock.now += seconds + 3

    asyncio.run(Stage(faults).play(Scenario(name="x", title="x", steps=steps), sleep=oversleep, clock=clock))
    assert slept == [10.0, 7.0]


def test_a_script_may_begin_again() -> None:
    """After a pause, from green."""
    steps = (
        Step(at_seconds=0, note="a", faults={}),
        Step(at_seconds=5, note="b", faults={"web": [{"fault": "blank"}]}),
    )
    faults = Faults(PROVIDERS)
    clock = _Clock(faults)

    class Enough(Exception):
        pass

    async def sleep(seconds: float) -> None:
        await clock.sleep(seconds)
        if len(clock.seen) == 4:
            raise Enough

    script = Scenario(name="x", title="x", steps=steps, repeat_after_seconds=2)
    with pytest.raises(Enough):
        asyncio.run(Stage(faults).play(script, sleep=sleep, clock=clock))
    assert [at for at, _ in clock.seen] == [0, 5, 7, 12]
    assert clock.seen[2][1] == {}


def test_what_is_on_can_be_asked_for() -> None:
    """Over HTTP, while it plays."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        async def state() -> Any:
            async with http.get(f"{simulator.url}/-/scenario") as response:
                return await response.json()

        assert await state() == {"name": None}
        async with asyncio.TaskGroup() as tasks:
            playing = tasks.create_task(simulator.play("demo", speed=1000))
            while (during := await state())["name"] is None:
                await asyncio.sleep(0)
            await playing
        assert (during["name"], during["speed"], during["duration_seconds"]) == ("demo", 1000, 62)
        assert during["elapsed_seconds"] >= 0
        assert during["note"] == during["steps"][during["step"]]["note"]
        after = await state()
        assert (after["finished"], after["step"], _active(after["faults"])) == (True, 6, {})

    against(visit)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ([], "needs title and steps"),
        ({"title": "x", "steps": [], "more": 1}, "needs title and steps"),
        ({"title": "x", "steps": []}, "has no steps"),
        ({"title": "x", "steps": [{"at": "0s"}]}, r"steps\[0\]: needs at and note"),
        ({"title": "x", "steps": [{"at": 3, "note": ""}]}, r"steps\[0\].at: must be a duration"),
        ({"title": "x", "steps": [{"at": "3", "note": ""}]}, r"steps\[0\].at: must be a duration"),
        (
            {"title": "x", "steps": [{"at": "5s", "note": ""}, {"at": "1s", "note": ""}]},
            r"steps\[1\].at: comes before",
        ),
        (
            {"title": "x", "steps": [{"at": "0s", "note": "", "faults": {"chatt": []}}]},
            r"steps\[0\].faults: chatt: unknown surface",
        ),
        ({"title": "x", "steps": [{"at": "0s", "note": ""}], "repeat_after": "x"}, "repeat_after: must be"),
    ],
)
def test_a_wrong_script_says_where(raw: object, message: str) -> None:
    """The file's name, the step, and what is wrong."""
    with pytest.raises(ScenarioError, match=message):
        scenario.from_raw("x", raw, PROVIDERS)


@pytest.mark.parametrize(
    ("offset", "seconds"), [("0s", 0), ("250ms", 0.25), ("90s", 90), ("1h30m", 5400), ("12h1m0.5s", 43260.5)]
)
def test_offsets_are_durations(offset: str, seconds: float) -> None:
    """As everywhere in prober, and added up."""
    raw = {"title": "x", "steps": [{"at": offset, "note": ""}], "repeat_after": "1s"}
    script = scenario.from_raw("x", raw, PROVIDERS)
    assert (script.duration_seconds, script.repeat_after_seconds) == (seconds, 1)


def test_an_unknown_scenario_names_the_known_ones() -> None:
    """So that a slip of the pen is mended at once."""
    with pytest.raises(ScenarioError, match="2024-12-26-upstream, 2025"):
        scenario.load("../demo")
