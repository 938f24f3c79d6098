"""Tests of the timeline: what a person reads about one run."""

from __future__ import annotations

import click
import pytest

from prober.cli.bars import ASCII, UNICODE
from prober.cli.timeline import Timeline
from prober.model.errors import ErrorClass, Fault
from prober.model.run import Failure, Outcome, Phase, Result, Step
from tests.engine.fakes import MS, probe

TIMELINE = Timeline(ink=UNICODE, width=90)


def phase(name: str, offset: int, duration: int, *, finished: bool = True) -> Phase:
    """A phase; times in milliseconds."""
    return Phase(name=name, offset_ns=offset * MS, duration_ns=duration * MS, finished=finished)


def lines(result: Result, timeline: Timeline = TIMELINE) -> list[str]:
    """What is printed, without colours and the spaces at the end of lines."""
    return [line.rstrip() for line in click.unstyle(timeline.run(probe("openai-chat"), result)).splitlines()]


CHAT = Result(
    probe="openai-chat",
    outcome=Outcome.OK,
    started_at_ns=0,
    duration_ns=1000 * MS,
    phases=(
        phase("resolve", 0, 10),
        phase("connect", 10, 40),
        phase("processing", 50, 450),
        phase("first_token", 500, 100),
        phase("stream", 600, 400),
    ),
    measures={
        "http_status": 200,
        "first_token_seconds": 0.55,
        "output_tokens_per_second": 41.25,
        "output_tokens": 1,
        "served_model": "gpt",
        "finish_reason": "stop",
        "bytes": 1234,
        "cost": 0.0,
        "requests_remaining": 5,
    },
)


def test_a_chat_shows_where_its_time_went() -> None:
    """Phases lie on one axis, the first token is marked, and the numbers of a chat are below."""
    head, *bars, measures = lines(CHAT)
    assert head.startswith("● openai-chat  fake · acme/api")
    assert head.endswith("ok  1.00 s")
    assert [bar.split()[0] for bar in bars] == ["resolve", "connect", "processing", "first", "stream"]
    assert bars[3].rindex("◆") == bars[4].index("█")
    assert bars[2].split()[-2:] == ["450", "ms"]
    assert measures.strip() == "HTTP 200 · first token 550 ms · 41.2 tokens/s · 1 output token · 1.23 kB · model gpt"


def test_a_failure_says_what_where_why_and_whose_fault() -> None:
    """Class, detail, phase, meaning, message, fault, and the id that the vendor asks for."""
    failure = Failure(
        error_class=ErrorClass.STREAM_STALLED,
        fault=Fault.TARGET,
        phase="stream",
        detail="idle",
        message="no content for 15 s",
    )
    result = Result(
        probe="openai-chat",
        outcome=Outcome.FAIL,
        started_at_ns=0,
        duration_ns=20_000 * MS,
        phases=(phase("connect", 0, 100), phase("stream", 100, 19_900, finished=False)),
        failure=failure,
        request_id="req_7",
    )
    head, _, stalled, *rest = lines(result)
    assert head.startswith("✗ openai-chat")
    assert head.endswith("fail  20.0 s")
    assert stalled.endswith("✗")
    assert [line.strip() for line in rest] == [
        "stream_stalled / idle in stream: no content for longer than the idle deadline",
        "no content for 15 s",
        "whose fault: theirs",
        "what to do: tell the service, with the request id",
        "to quote to them: request req_7",
    ]


@pytest.mark.parametrize(
    ("fault", "said"),
    [(Fault.NETWORK, "what to do: ask another resolver"), (Fault.LOCAL, "what to do: look at the network here")],
)
def test_what_to_do_depends_on_whose_fault_it_is(fault: Fault, said: str) -> None:
    """While nothing is reachable, no name is wrong."""
    failure = Failure(
        error_class=ErrorClass.DNS_ERROR, fault=fault, phase="resolve", detail="servfail", message="no answer"
    )
    result = Result(probe="web", outcome=Outcome.FAIL, started_at_ns=0, duration_ns=MS, failure=failure)
    assert [line.strip()[: len(said)] for line in lines(result) if "what to do" in line] == [said]


def test_a_login_shows_its_steps_with_their_status() -> None:
    """Steps stand for the requests they are made of; the one that is to blame is marked, skipped ones are left out."""
    failure = Failure(
        error_class=ErrorClass.SERVER_ERROR,
        fault=Fault.TARGET,
        phase="submit",
        detail="sign_in_error",
        message="Oops! We ran into an issue while signing you in",
    )
    result = Result(
        probe="webui",
        outcome=Outcome.FAIL,
        started_at_ns=0,
        duration_ns=400 * MS,
        phases=(phase("connect", 0, 10),),
        steps=(
            Step(name="page", result="ok", duration_ns=100 * MS, status=200),
            Step(name="code", result="skipped", duration_ns=0),
            Step(name="submit", result="ok", duration_ns=200 * MS, status=200),
            Step(name="whoami", result="fail", duration_ns=100 * MS, status=401),
        ),
        failure=failure,
    )
    shown = lines(result)
    assert [line.split()[0] for line in shown[1:4]] == ["page", "submit", "whoami"]
    assert shown[1].endswith("HTTP 200")
    assert shown[2].endswith("HTTP 200 ✗")
    assert shown[3].endswith("HTTP 401 ✗")


def test_slow_says_why() -> None:
    """A slow run is a success with a reason."""
    result = Result(
        probe="a",
        outcome=Outcome.SLOW,
        started_at_ns=0,
        duration_ns=MS,
        slow_because=("total took 3 s, more than 2 s",),
    )
    assert lines(result)[0].startswith("◐")
    assert lines(result)[1].strip() == "slow: total took 3 s, more than 2 s"


def test_a_tainted_success_is_not_praised_for_its_times() -> None:
    """A busy event loop of ours is said."""
    result = Result(probe="a", outcome=Outcome.OK, started_at_ns=0, duration_ns=MS, tainted=True)
    assert "our own event loop was late" in lines(result)[1]


def test_a_meaning_that_the_message_holds_is_not_said_twice() -> None:
    """One sentence is enough."""
    failure = Failure(
        error_class=ErrorClass.CONNECT_REFUSED,
        fault=Fault.TARGET,
        phase="connect",
        detail="refused",
        message="nothing listens at that address and port (ECONNREFUSED)",
    )
    result = Result(probe="a", outcome=Outcome.FAIL, started_at_ns=0, duration_ns=MS, failure=failure)
    assert "\n".join(lines(result)).count("nothing listens") == 1


@pytest.mark.parametrize("width", [60, 80, 110])
@pytest.mark.parametrize("ink", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_no_line_is_longer_than_the_terminal(width: int, ink: object) -> None:
    """Nothing wraps, also with many long phases and a long message."""
    failure = Failure(
        error_class=ErrorClass.UNEXPECTED_RESPONSE,
        fault=Fault.TARGET,
        phase="x" * 40,
        detail=None,
        message="word " * 40,
    )
    result = Result(
        probe="a",
        outcome=Outcome.FAIL,
        started_at_ns=0,
        duration_ns=10_000 * MS,
        phases=tuple(phase(f"phase_with_a_long_name_{number}", number * 100, 100) for number in range(40)),
        measures=CHAT.measures,
        failure=failure,
    )
    shown = lines(result, Timeline(ink=ink, width=width))  # type: ignore[arg-type]  # both parameters are inks
    assert max(map(len, shown)) <= width
    assert "  and 16 more" in shown


def test_colours_are_only_for_verdicts_that_need_them() -> None:
    """Red means failed; the text is the same without."""
    assert "\x1b[32m" in TIMELINE.run(probe("a"), CHAT)
    assert "\x1b[31m" not in TIMELINE.run(probe("a"), CHAT)


def test_a_disabled_probe_has_one_line() -> None:
    """Its name and the reason."""
    shown = click.unstyle(TIMELINE.disabled(probe("a", disabled="OPENAI_API_KEY is not set")))
    assert shown == "○ a  disabled: OPENAI_API_KEY is not set\n"


@pytest.mark.parametrize(
    ("days", "line"),
    [
        (19, "  the vendor shuts this model down on 1970-01-20: in 19 d"),
        (-2, "  the vendor shuts this model down on 1969-12-30: that is past"),
        (90, None),
    ],
)
def test_a_model_that_ends_soon_is_told(days: int, line: str | None) -> None:
    """Two months before, whatever came of the run."""
    result = Result(
        probe="openai-chat",
        outcome=Outcome.OK,
        started_at_ns=0,
        duration_ns=MS,
        measures={"model_shutdown_timestamp": days * 86_400.0},
    )
    assert lines(result)[1:] == ([] if line is None else [line])
