"""The sink that tells the story of outages."""

from __future__ import annotations

import asyncio
import json
import stat
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.model.errors import ErrorClass
from prober.sinks.incident import RESTARTED, TIMELINE_LIMIT, Entry, Incident, noted, worse
from prober.sinks.incidents import MERGE_WITHIN_NS, Incidents
from prober.sinks.state import States
from prober.sinks.state_rules import State
from tests.sinks.makers import MINUTE, NOON, SECOND, Watch, failed, ok, probe

if TYPE_CHECKING:
    from pathlib import Path

    from prober.model.probe import Probe
    from prober.model.run import Result

A, B = probe("a"), probe("b")
CHAT = ("openai", "chat")


class Bench:
    """States and incidents behind them, as the application puts them together."""

    def __init__(self, *probes: Probe, data_dir: Path | None = None, limit: int = 200) -> None:
        self.watch = Watch()
        self.states = States(self.watch.clock)
        self.incidents = Incidents(self.states, clock=self.watch.clock, data_dir=data_dir, limit=limit)
        self.configure(*(probes or (A, B)))

    def configure(self, *probes: Probe) -> None:
        """Load these probes."""
        self.states.configure(probes, None)
        self.incidents.configure(probes, None)

    def play(self, *runs: tuple[Probe, Result]) -> None:
        """Record runs, one a minute."""
        for one, result in runs:
            self.states.record(one, result)
            self.incidents.record(one, result)

    def minute(self, one: Probe, sight: str, *, error_class: ErrorClass = ErrorClass.SERVER_ERROR) -> None:
        """One run of one probe a minute later: G good, S slow, B bad, ? blind."""
        at_ns = self.watch.forward(MINUTE)
        match sight:
            case "G" | "S":
                result = ok(one.name, at_ns=at_ns, slow=sight == "S")
            case "B":
                result = failed(one.name, error_class, at_ns=at_ns)
            case _:
                result = failed(one.name, ErrorClass.AUTH_REJECTED, at_ns=at_ns)
        self.play((one, result))

    def skip(self, one: Probe, reason: str) -> None:
        """A run that does not take place."""
        self.states.skip(one, reason)
        self.incidents.skip(one, reason)


def story(incident: Incident) -> list[tuple[int, str | None, str, str, str | None]]:
    """The timeline in minutes after noon."""
    return [
        ((entry.at_ns - NOON) // MINUTE, entry.probe, entry.probe_state, entry.service_state, entry.error_class)
        for entry in incident.timeline
    ]


def stories(bench: Bench) -> list[Incident]:
    """The incidents, but for what the services are now."""
    return [replace(incident, now=State.UNKNOWN) for incident in bench.incidents.all()]


def test_an_outage_is_one_incident() -> None:
    """It begins with the first failure, opens at the threshold, tells which probe, when and why, and closes."""
    bench = Bench()
    for one in (A, B):
        bench.minute(one, "G")
    for sight in "BB":
        bench.minute(A, sight)
    for sight in "BB":
        bench.minute(B, sight, error_class=ErrorClass.OVERLOADED)
    for one in (A, B):
        for sight in "GG":
            bench.minute(one, sight)
    (incident,) = bench.incidents.all()
    assert story(incident) == [
        (4, "a", "down", "partial", "server_error"),
        (6, "b", "down", "down", "overloaded"),
        (8, "a", "up", "partial", None),
        (10, "b", "up", "up", None),
    ]
    assert incident.worst is State.DOWN
    assert incident.began_at_ns == NOON + 3 * MINUTE
    assert incident.opened_at_ns == NOON + 4 * MINUTE + SECOND // 4
    assert incident.closed_at_ns == NOON + 10 * MINUTE + SECOND // 4
    assert bench.incidents.open_of(CHAT) is None


def test_another_class_of_a_down_probe_is_told() -> None:
    """The reason of an outage may change while it lasts; the same reason is told once."""
    bench = Bench(A)
    for sight in "BB":
        bench.minute(A, sight)
    for _ in range(3):
        bench.minute(A, "B", error_class=ErrorClass.OVERLOADED)
    assert [row[4] for row in story(bench.incidents.all()[0])] == ["server_error", "overloaded"]


def test_a_service_that_is_down_from_the_start_is_an_incident() -> None:
    """It need not have been up before."""
    bench = Bench(A)
    bench.minute(A, "B")
    assert bench.incidents.all() == ()
    bench.minute(A, "B")
    assert bench.incidents.open_of(CHAT) is not None


def test_slow_is_an_incident_too() -> None:
    """A degraded service opens one, and a fast run closes it."""
    bench = Bench(A)
    for sight in "GSSG":
        bench.minute(A, sight)
    (incident,) = bench.incidents.all()
    assert (incident.worst, incident.closed_at_ns is not None) == (State.DEGRADED, True)
    assert story(incident) == [(2, "a", "degraded", "degraded", None), (4, "a", "up", "up", None)]


def test_blindness_opens_nothing_and_closes_nothing() -> None:
    """Our own expired key is no incident of theirs, and not the end of one."""
    bench = Bench(A)
    bench.minute(A, "?")
    assert bench.incidents.all() == ()
    for sight in "BB?":
        bench.minute(A, sight)
    incident = bench.incidents.open_of(CHAT)
    assert incident is not None
    assert (incident.now, incident.worst) == (State.UNKNOWN, State.DOWN)
    bench.minute(A, "G")
    assert bench.incidents.open_of(CHAT) is None


def test_a_skipped_probe_is_told() -> None:
    """A budget that ends in the middle of an outage is a line of its story."""
    bench = Bench(A)
    for sight in "BB":
        bench.minute(A, sight)
    bench.skip(A, "overrun")
    bench.skip(A, "budget")
    (incident,) = bench.incidents.all()
    assert incident.timeline[-1].detail == "budget"
    assert len(incident.timeline) == 2


@pytest.mark.parametrize(
    ("pause_ns", "count"), [(MERGE_WITHIN_NS - 2 * MINUTE, 1), (MERGE_WITHIN_NS + 2 * MINUTE, 2)], ids=["soon", "later"]
)
def test_trouble_that_comes_back_soon_is_the_same_incident(pause_ns: int, count: int) -> None:
    """A flap goes on with the incident that closed less than five minutes before."""
    bench = Bench(A)
    for sight in "BBGG":
        bench.minute(A, sight)
    bench.watch.forward(pause_ns)
    for sight in "BB":
        bench.minute(A, sight)
    incidents = bench.incidents.all()
    assert (len(incidents), incidents[0].closed_at_ns, incidents[0].flaps) == (count, None, 2 - count)


def test_a_service_that_is_no_longer_probed_closes() -> None:
    """Nobody looks any more: the incident ends, and says why."""
    bench = Bench(A)
    for sight in "BB":
        bench.minute(A, sight)
    bench.configure(probe("a", service="sora"))
    (incident,) = bench.incidents.all()
    assert (incident.removed, incident.closed_at_ns) == (True, bench.watch.now_ns)


def test_a_reload_that_takes_the_broken_probe_away_ends_the_trouble() -> None:
    """What is left of the service is up."""
    bench = Bench(A, B)
    bench.minute(B, "G")
    for sight in "BB":
        bench.minute(A, sight)
    assert bench.incidents.open_of(CHAT) is not None
    bench.configure(B)
    assert bench.incidents.open_of(CHAT) is None


def test_a_reload_in_the_middle_of_an_outage_goes_on_with_it() -> None:
    """An unchanged probe that is down keeps its incident open."""
    bench = Bench(A)
    for sight in "BB":
        bench.minute(A, sight)
    bench.configure(A)
    bench.minute(A, "B")
    (incident,) = bench.incidents.all()
    assert (incident.closed_at_ns, len(incident.timeline)) == (None, 1)


def test_the_number_of_incidents_is_bounded() -> None:
    """Beyond the limit the oldest goes, a closed one first."""
    probes = [probe(f"p{number}", service=f"s{number}", down_after=1) for number in range(5)]
    bench = Bench(*probes, limit=3)
    for one in probes[:2]:
        bench.minute(one, "B")
    bench.minute(probes[1], "G")
    bench.minute(probes[1], "G")
    for one in probes[2:]:
        bench.minute(one, "B")
    assert [incident.service for incident in bench.incidents.all()] == ["s4", "s3", "s2"]
    assert bench.incidents.open_of(("openai", "s0")) is None
    assert bench.incidents.of(("openai", "s4"))[0].service == "s4"


@given(count=st.integers(0, 3 * TIMELINE_LIMIT))
def test_the_timeline_is_bounded(count: int) -> None:
    """The begin and the end are kept; what is cut is counted."""
    incident = Incident(provider="p", service="s", began_at_ns=0, opened_at_ns=0)
    for number in range(count):
        incident = noted(incident, Entry(at_ns=number))
    times = [entry.at_ns for entry in incident.timeline]
    assert len(times) + incident.dropped == count
    assert len(times) <= TIMELINE_LIMIT
    assert times == sorted(times)
    assert times[:10] == list(range(min(count, 10)))
    assert times[-1:] == [count - 1][: min(count, 1)]


@given(one=st.sampled_from(State), other=st.sampled_from(State))
def test_an_incident_only_gets_worse(one: State, other: State) -> None:
    """Blindness and recovery do not change what the worst was."""
    assert worse(one, State.UNKNOWN) is one
    assert worse(one, other) in {one, other}
    assert worse(State.DOWN, other) is State.DOWN


@given(sights=st.lists(st.tuples(st.sampled_from([A, B]), st.sampled_from("GSB?")), max_size=60))
def test_an_incident_is_open_while_there_is_trouble(sights: list[tuple[Probe, str]]) -> None:
    """Whatever happens: trouble has an open incident, an up service has none, and times are in order."""
    bench = Bench()
    for one, sight in sights:
        bench.minute(one, sight)
        state, incident = bench.states.service_state(CHAT), bench.incidents.open_of(CHAT)
        if state in {State.DOWN, State.PARTIAL, State.DEGRADED}:
            assert incident is not None
        if state is State.UP:
            assert incident is None
    for incident in bench.incidents.all():
        assert incident.began_at_ns <= incident.opened_at_ns
        assert incident.closed_at_ns is None or incident.closed_at_ns > incident.opened_at_ns
        assert incident.worst in {State.DOWN, State.PARTIAL, State.DEGRADED}
    assert sum(incident.closed_at_ns is None for incident in bench.incidents.all()) <= 1


def test_incidents_survive_a_restart(tmp_path: Path) -> None:
    """Open and closed ones come back as they were, and an open one closes on recovery."""
    bench = Bench(A, data_dir=tmp_path / "data")
    for sight in "BBGG":
        bench.minute(A, sight)
    bench.watch.forward(60 * MINUTE)
    for sight in "BB":
        bench.minute(A, sight)
    assert bench.incidents.save()
    again = Bench(A, data_dir=tmp_path / "data")
    before, after = stories(bench)[0], stories(again)[0]
    line = after.timeline[-1]
    assert (line.at_ns, line.probe, line.detail) == (again.watch.now_ns, None, RESTARTED)
    assert replace(after, timeline=after.timeline[:-1]) == before
    assert stories(again)[1:] == stories(bench)[1:]
    again.incidents.save()
    assert stories(Bench(A, data_dir=tmp_path / "data"))[0].timeline == after.timeline, "told once, not again"
    again.watch.now_ns = bench.watch.now_ns
    again.minute(A, "G")
    assert again.incidents.open_of(CHAT) is None
    assert again.incidents.all()[0].flaps == 0


@pytest.mark.parametrize(
    ("sights", "open_after"), [("G", False), ("B", True), ("BB", True), ("BG", False), ("?", False), ("-", False)]
)
def test_after_a_restart_the_probe_in_trouble_has_the_last_word(tmp_path: Path, sights: str, open_after: bool) -> None:
    """That another one is up does not end the incident before the broken one was heard."""
    bench = Bench(data_dir=tmp_path)
    for one, sight in ((A, "G"), (B, "B"), (B, "B")):
        bench.minute(one, sight)
    bench.incidents.save()
    again = Bench(data_dir=tmp_path)
    again.watch.now_ns = bench.watch.now_ns
    again.minute(A, "G")
    assert again.incidents.open_of(CHAT) is not None
    for sight in sights:
        if sight == "-":
            again.skip(B, "budget")
        else:
            again.minute(B, sight)
    assert (again.incidents.open_of(CHAT) is not None) == open_after
    assert again.incidents.all()[0].flaps == 0
    assert len(again.incidents.all()) == 1


def test_the_file_is_ours_alone_and_replaced_as_a_whole(tmp_path: Path) -> None:
    """Nobody else may read it, nothing is left beside it, and an unchanged state is not written again."""
    bench = Bench(A, data_dir=tmp_path)
    for sight in "BB":
        bench.minute(A, sight)
    assert bench.incidents.save()
    assert bench.incidents.save()
    file = tmp_path / "incidents.jsonl"
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_broken_file_does_not_stop_the_start(tmp_path: Path) -> None:
    """Lines that cannot be read are counted and left out."""
    bench = Bench(A, data_dir=tmp_path)
    for sight in "BB":
        bench.minute(A, sight)
    bench.incidents.save()
    file = tmp_path / "incidents.jsonl"
    good = file.read_text()
    odd = {"provider": 1, "timeline": "no"}
    late = json.dumps(json.loads(good) | {"began_at_ns": float("inf")})
    file.write_text("{\n[]\n" + json.dumps(odd) + "\n" + late + "\n" + "[" * 100_000 + "\n" + good + "\xff half a li")
    again = Bench(A, data_dir=tmp_path)
    assert [incident.key for incident in stories(again)] == [incident.key for incident in stories(bench)]
    assert again.incidents.write_errors == 6


def test_a_disk_that_fails_is_counted_and_disturbs_nothing(tmp_path: Path) -> None:
    """A directory that cannot be made stands for a full disk; when it is back, the incidents are written."""
    blocked = tmp_path / "data"
    blocked.write_text("a file where the directory should be")
    bench = Bench(A, data_dir=blocked)
    for sight in "BB":
        bench.minute(A, sight)
    assert not bench.incidents.save()
    assert bench.incidents.write_errors == 2  # once to read, once to write
    blocked.unlink()
    assert bench.incidents.save()
    assert (blocked / "incidents.jsonl").exists()


def test_a_task_keeps_the_file_up_to_date(tmp_path: Path) -> None:
    """What has happened is written when it is cancelled, at the latest."""
    bench = Bench(A, data_dir=tmp_path)

    async def main() -> None:
        keeping = asyncio.ensure_future(bench.incidents.keep())
        await asyncio.sleep(0)
        for sight in "BB":
            bench.minute(A, sight)
        keeping.cancel()
        with pytest.raises(asyncio.CancelledError):
            await keeping

    asyncio.run(main())
    assert Bench(A, data_dir=tmp_path).incidents.open_of(CHAT) is not None


def test_without_a_directory_nothing_is_written() -> None:
    """Saving is then always done."""
    bench = Bench(A)
    for sight in "BB":
        bench.minute(A, sight)
    assert bench.incidents.save()
    assert bench.incidents.write_errors == 0


def test_the_id_names_service_and_time() -> None:
    """It can be used as an anchor of a page."""
    incident = Incident(provider="openai", service="chat", began_at_ns=NOON, opened_at_ns=NOON + 5 * 10**6)
    assert incident.id == "openai-chat-20260101T120000.005Z"
