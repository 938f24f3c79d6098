"""The sink that holds the states."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.model.errors import ErrorClass
from prober.sinks.state import States
from prober.sinks.state_rules import State, service_state
from tests.sinks.makers import MINUTE, NOON, SECOND, Watch, failed, ok, probe


def test_times_are_those_of_the_end_of_a_run() -> None:
    """A state begins when the run that decided it ended."""
    states = States(Watch().clock)
    one = probe()
    states.configure((one,), None)
    assert (states.probe_state(one.name), states.since(one.name)) == (State.UNKNOWN, NOON)
    states.record(one, ok(at_ns=NOON + MINUTE, duration_ns=3 * SECOND))
    assert states.since(one.name) == NOON + MINUTE + 3 * SECOND
    assert states.service_since(("openai", "chat")) == NOON + MINUTE + 3 * SECOND


def test_a_service_is_made_of_its_probes() -> None:
    """One of two probes down is partial, both down is down; another service is not touched."""
    states = States(Watch().clock)
    a, b, other = probe("a"), probe("b"), probe("c", service="sora")
    states.configure((a, b, other), None)
    for one in (a, b, other):
        states.record(one, ok(one.name))
    seen = []
    for one in (a, b):
        for _ in range(2):
            states.record(one, failed(one.name))
        seen.append(dict(states.service_states()))
    assert seen == [
        {("openai", "chat"): State.PARTIAL, ("openai", "sora"): State.UP},
        {("openai", "chat"): State.DOWN, ("openai", "sora"): State.UP},
    ]
    assert states.failing_since("a") == NOON


@pytest.mark.parametrize(
    ("reason", "state"),
    [("budget", "unknown"), ("breaker", "unknown"), ("disabled", "unknown"), ("overrun", "up"), ("overload", "up")],
)
def test_a_skipped_probe_is_unknown_only_if_it_is_kept_from_running(reason: str, state: str) -> None:
    """Past its budget a probe is neither up nor down; a single missed run changes nothing."""
    states = States(Watch().clock)
    one = probe()
    states.configure((one,), None)
    states.record(one, ok())
    states.skip(one, reason)
    assert states.probe_state(one.name) == state


def test_an_expired_key_is_blind_not_down() -> None:
    """However often our own key is refused, the service is not called down."""
    states = States(Watch().clock)
    one = probe()
    states.configure((one,), None)
    states.record(one, ok())
    for _ in range(5):
        states.record(one, failed(error_class=ErrorClass.AUTH_REJECTED))
    assert states.probe_state(one.name) is State.UNKNOWN
    assert states.service_state(("openai", "chat")) is State.UNKNOWN


def test_unchanged_probes_keep_their_state_over_a_reload() -> None:
    """A reload forgets removed probes and probes of another service, and no others."""
    watch = Watch()
    states = States(watch.clock)
    kept, moved, gone = probe("kept"), probe("moved"), probe("gone", service="old")
    states.configure((kept, moved, gone), None)
    for one in (kept, moved, gone):
        for _ in range(2):
            states.record(one, failed(one.name))
    watch.forward(MINUTE)
    states.configure((probe("kept"), probe("moved", service="sora"), probe("new")), None)
    assert {name: states.probe_state(name).value for name in ("kept", "moved", "gone", "new")} == {
        "kept": "down",
        "moved": "unknown",
        "gone": "unknown",
        "new": "unknown",
    }
    assert states.since("gone") is None
    assert states.service_states() == {("openai", "chat"): State.DOWN, ("openai", "sora"): State.UNKNOWN}
    assert states.service_since(("openai", "chat")) == NOON + SECOND // 4


def test_a_probe_that_becomes_disabled_is_unknown() -> None:
    """Without its secret a probe knows nothing any more."""
    states = States(Watch().clock)
    states.configure((probe(),), None)
    states.record(probe(), ok())
    states.configure((probe(disabled="OPENAI_API_KEY is not set"),), None)
    assert states.probe_state("chat-probe") is State.UNKNOWN


def test_the_last_run_of_a_removed_probe_is_ignored() -> None:
    """A run may end after a reload took its probe away."""
    states = States(Watch().clock)
    states.configure((), None)
    states.record(probe(), ok())
    states.skip(probe(), "budget")
    assert states.probe_state("chat-probe") is State.UNKNOWN
    assert states.service_states() == {}
    assert states.service_state(("openai", "chat")) is None
    assert states.service_since(("openai", "chat")) is None
    assert states.failing_since("chat-probe") is None


def test_a_run_that_began_before_a_reload_counts_for_the_new_service() -> None:
    """The old probe object names a service that is gone; the run is the probe's all the same."""
    states = States(Watch().clock)
    old = probe(service="old")
    states.configure((old,), None)
    states.configure((probe(service="new"),), None)
    states.record(old, ok())
    assert states.service_states() == {("openai", "new"): State.UP}


@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from(["good", "bad", "blind", "skip", "reload"])),
        max_size=40,
    )
)
def test_a_service_is_always_what_its_probes_are(steps: list[tuple[str, str]]) -> None:
    """Whatever happens in whatever order, reloads that move or remove a probe included."""
    states = States(Watch().clock)
    probes = {name: probe(name) for name in ("a", "b", "c")}
    states.configure(tuple(probes.values()), None)
    for name, step in steps:
        one = probes.get(name, probe(name))
        match step:
            case "good":
                states.record(one, ok(name))
            case "bad":
                states.record(one, failed(name))
            case "blind":
                states.record(one, failed(name, ErrorClass.AUTH_REJECTED))
            case "skip":
                states.skip(one, "budget")
            case _:
                service = "sora" if one.service == "chat" else "chat"
                probes = {other: kept for other, kept in probes.items() if other != name}
                probes |= {} if len(probes) == 1 else {name: probe(name, service=service)}
                states.configure(tuple(probes.values()), None)
        for key, state in states.service_states().items():
            mine = Counter(states.probe_state(each.name) for each in probes.values() if each.service == key[1])
            assert state is service_state(mine)
