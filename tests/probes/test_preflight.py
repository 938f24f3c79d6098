"""When the model is shut down: asked once a day, beside the run, and said where it explains a failure."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from prober.engine import execute
from prober.engine.lag import LagMonitor
from prober.http.network import HostNetwork
from prober.model.clock import Clock
from prober.model.memory import Memory
from prober.model.secret import Redactor
from prober.providers import PROTOCOLS
from prober.providers.retirement import TELLING, retirement
from prober.simulator import serve
from tests.providers.asking import KEY, loaded, runner, said
from tests.providers.openai_speech import prompt, whole
from tests.providers.wire import Asked, body, serving
from tests.simulator.company import FAST

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from prober.model.run import Result
    from tests.conftest import Runner
    from tests.providers.wire import Act

DAY = 86_400
MIDNIGHT = 1_796_947_200.0  # 2026-12-11T00:00:00Z
DATES: dict[str, tuple[object, float | None]] = {
    "a day": ("2026-12-11", MIDNIGHT),
    "a moment": ("2026-12-11T00:00:00Z", MIDNIGHT),
    "another zone": ("2026-12-11T01:00:00+01:00", MIDNIGHT),
    "seconds": (1_796_947_200, MIDNIGHT),
    "none": (None, None),
    "true": (True, None),
    "words": ("soon", None),
    "milliseconds": (1_796_947_200_000, None),
    "a list": ([2026], None),
}


@pytest.mark.parametrize("field", ["shutdown_date", "retires_at"])
@pytest.mark.parametrize(("value", "at"), DATES.values(), ids=DATES)
def test_a_date_is_read_in_every_form(field: str, value: object, at: float | None) -> None:
    """A day is its first moment in UTC; what is no date is none."""
    assert retirement({"id": "m", field: value}).at == at


def test_who_tells_speaks_a_known_protocol() -> None:
    """The table has no protocol that there is not."""
    assert set(PROTOCOLS) > TELLING


class Desk:
    """Answers chats whole, and the entry of the model with ``entry``; ``refusal`` answers chats instead."""

    def __init__(self, entry: object, *, status: str = "200 OK", refusal: bytes | None = None) -> None:
        self.entry = entry
        self.status = status
        self.refusal = refusal
        self.asked: list[Asked] = []

    def __call__(self, asked: Asked) -> Iterable[Act]:
        self.asked.append(asked)
        if asked.json is None:
            return [body(self.entry, status=self.status)]
        return [self.refusal or body(whole(prompt(asked)))]

    @property
    def preflights(self) -> list[Asked]:
        """The questions for the model's entry."""
        return [asked for asked in self.asked if asked.json is None]


@asynccontextmanager
async def runs(desk: Desk, time: list[int], **keys: Any) -> AsyncIterator[Callable[..., Any]]:
    """What runs the probe, also with other keys, in one process in which so many nanoseconds have gone by beside."""
    clock = Clock()
    shifted = Clock(monotonic_ns=lambda: clock.monotonic_ns() + time[0], wall_ns=clock.wall_ns)
    memory = Memory()
    async with serving(desk) as site, HostNetwork() as network:

        async def run(**other: Any) -> Result:
            return await execute(
                loaded(site.url + "/v1", stream=False, preflight=True, **{**keys, **other}),
                clock=shifted,
                network=network,
                redactor=Redactor([KEY]),
                connected=lambda: True,
                lag=LagMonitor(clock=clock),
                memory=memory,
            )

        yield run


def once(desk: Desk, **keys: Any) -> Result:
    """One run."""

    async def work() -> Result:
        async with runs(desk, [0], **keys) as run:
            result: Result = await run()
            return result

    return asyncio.run(work())


def test_it_is_asked_for_free_and_not_measured() -> None:
    """With the key of the probe, for the model's entry; neither a phase nor a byte of it is the run's."""
    desk = Desk({"id": "parrot-1", "shutdown_date": "2026-12-11"})
    result = once(desk)
    assert said(result) == "ok"
    assert result.measures["model_shutdown_timestamp"] == MIDNIGHT
    (asked,) = desk.preflights
    assert asked.target == "/v1/models/parrot-1"
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert [phase.name for phase in result.phases].count("connect") == 1


def test_anthropic_is_asked_in_its_own_way() -> None:
    """Key and version in its headers; the date that it plans with."""
    desk = Desk({"id": "m", "lifecycle": "deprecated", "retires_at": "2026-12-11T00:00:00Z"})
    result = once(desk, protocol="anthropic")
    (asked,) = desk.preflights
    assert (asked.headers["x-api-key"], asked.headers["anthropic-version"]) == (KEY, "2023-06-01")
    assert result.measures["model_shutdown_timestamp"] == MIDNIGHT


def test_once_a_day_and_an_hour_after_it_failed(run_loop: Runner[list[int]]) -> None:
    """Each run in between says what is known."""
    desk, time = Desk({"id": "m"}, status="500 Oops"), [0]

    async def work() -> list[int]:
        counts = []
        async with runs(desk, time) as run:
            for shift in (0, 1, 3601, DAY - 5, 3601 + DAY + 1):
                time[0] = shift * 10**9
                result = await run()
                assert result.failure is None
                counts.append(len(desk.preflights))
                desk.status = "200 OK"
        assert result.measures["model_shutdown_timestamp"] is None
        return counts

    assert run_loop(work()) == [1, 1, 2, 2, 3]


def test_a_refused_key_is_no_word_on_another(run_loop: Runner[list[int]]) -> None:
    """Nobody waits for the hour of a key that is not theirs; what one was told all know."""
    desk = Desk({"shutdown_date": "2026-12-11"}, status="401 No")
    other: dict[str, Any] = {"api_key": None, "headers": {"Authorization": "Bearer sk-other"}}

    async def work() -> list[int]:
        counts = []
        async with runs(desk, [0]) as run:
            for keys in ({}, {}, other, {}):
                result = await run(**keys)
                counts.append(len(desk.preflights))
                desk.status = "200 OK" if len(counts) == 2 else desk.status
        assert result.measures["model_shutdown_timestamp"] == MIDNIGHT
        return counts

    assert run_loop(work()) == [1, 1, 2, 2]


GONE = body({"error": {"message": "The model does not exist", "code": "model_not_found"}}, status="404 Not Found")
ENTRIES: dict[str, tuple[dict[str, object], str | None]] = {
    "past": ({"shutdown_date": "2026-10-23"}, "the vendor has shut this model down on 2026-10-23: "),
    "retired": ({"lifecycle": "retired"}, "the vendor has shut this model down: "),
    "to-come": ({"shutdown_date": "2999-01-01"}, None),
    "unknown": ({}, None),
}


@pytest.mark.parametrize(("entry", "remark"), ENTRIES.values(), ids=ENTRIES)
def test_a_model_that_is_missing_is_explained(entry: dict[str, object], remark: str | None) -> None:
    """Class and fault stay; the message begins with the reason."""
    result = once(Desk(entry, refusal=GONE))
    assert said(result) == "model_missing model processing us"
    assert result.failure is not None
    assert result.failure.message.startswith(f"{remark or ''}HTTP 404 model_not_found")


def test_another_failure_is_not_explained_by_it() -> None:
    """A service that is down does not fail because a model is old."""
    result = once(Desk({"shutdown_date": "2026-10-23"}, refusal=body(b"{}", status="500 Oops")))
    assert said(result) == "server_error internal processing target"
    assert result.failure is not None
    assert "shut" not in result.failure.message


BAD: dict[str, tuple[object, str]] = {"refused": ({"error": "no"}, "401 No"), "no-object": ([1], "200 OK")}


@pytest.mark.parametrize(("entry", "status"), BAD.values(), ids=BAD)
def test_what_keeps_us_from_it_is_logged(entry: object, status: str, caplog: pytest.LogCaptureFixture) -> None:
    """And changes nothing."""
    with caplog.at_level(logging.INFO, "prober.engine"):
        result = once(Desk(entry, status=status))
    assert said(result) == "ok"
    assert "model_shutdown_timestamp" not in result.measures
    assert "the API did not say when the model is shut down" in caplog.text


def test_apis_that_do_not_tell_are_not_asked() -> None:
    """Google's list of models has no such field."""
    desk = Desk({})
    once(desk, protocol="gemini")
    assert desk.preflights == []


KEYS = {"openai-chat": "Authorization", "openai-responses": "Authorization", "anthropic": "x-api-key"}


@pytest.mark.parametrize("protocol", sorted(TELLING))
def test_the_simulated_company_tells(protocol: str) -> None:
    """In each of the protocols that can, of the model that it is about to shut down."""

    async def work() -> Result:
        key = FAST.providers[0].accounts[0].api_key
        held = f"Bearer {key}" if KEYS[protocol] == "Authorization" else key
        async with serve.running(FAST) as simulator, runner() as run:
            headers = {KEYS[protocol]: held}
            given = {"protocol": protocol, "model": "parrot-1", "api_key": None, "headers": headers}
            return await run(loaded(simulator.url + "/v1", preflight=True, **given))

    result = asyncio.run(work())
    assert said(result) == "ok"
    assert result.measures["model_shutdown_timestamp"] == 1_801_353_600  # 2027-01-31
