"""The sink that writes a line a run."""

from __future__ import annotations

import io
import json
import os
import threading
import time
from typing import Any

import pytest

from prober.model.errors import ErrorClass, Fault
from prober.model.run import Phase, Result, Step
from prober.model.secret import Redactor
from prober.sinks.log import LogSink
from tests.sinks.makers import SECOND, Watch, failed, ok, probe

SECRET = "sk-very-secret-value"


def lines(*results: Result) -> list[dict[str, Any]]:
    """The lines that these runs write."""
    stream = io.StringIO()
    with LogSink(stream, redactor=Redactor([SECRET]), clock=Watch().clock) as log:
        for result in results:
            log.record(probe(), result)
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_run_is_one_line() -> None:
    """A success is told at level info, with what it has to say and no more."""
    result = ok(
        measures={"http_status": 200, "cost": None},
        phases=(Phase(name="connect", offset_ns=0, duration_ns=SECOND, finished=True),),
        steps=(Step(name="whoami", result="ok", duration_ns=SECOND),),
    )
    assert lines(result) == [
        {
            "level": "info",
            "time": "2026-01-01T12:00:00.000Z",
            "name": "chat-probe",
            "kind": "http",
            "provider": "openai",
            "service": "chat",
            "result": "ok",
            "started_at": "2026-01-01T12:00:00.000Z",
            "duration_seconds": 0.25,
            "phases": {"connect": 1.0},
            "measures": {"http_status": 200},
            "steps": {"whoami": "ok"},
        }
    ]


def test_a_failure_says_where_the_vendor_tells_of_incidents() -> None:
    """What one opens first; where the failure is ours, there is nothing to be read there."""
    theirs, ours, good = lines(failed(), failed(fault=Fault.US), ok())
    assert theirs["status_page"] == "https://status.openai.com/"
    assert "status_page" not in ours | good


@pytest.mark.parametrize(
    ("result", "level"),
    [
        (ok(), "info"),
        (ok(slow=True), "info"),
        (failed(), "warning"),
        (failed(error_class=ErrorClass.PROBER_ERROR), "warning"),
    ],
    ids=["ok", "slow", "fail", "error"],
)
def test_the_level_follows_the_outcome(result: Result, level: str) -> None:
    """Failures stand out."""
    assert lines(result)[0]["level"] == level


def test_a_failure_is_told_with_its_reasons() -> None:
    """Class, fault, detail, phase, message, request id."""
    (line,) = lines(failed(detail="reset", request_id="req_1"))
    wanted = ("error_class", "fault", "detail", "phase", "message", "request_id")
    assert [line[key] for key in wanted] == ["server_error", "target", "reset", "request", "HTTP 500", "req_1"]


def test_secrets_do_not_get_out() -> None:
    """Every text that a server may have written is redacted."""
    result = failed(message=f"bad key {SECRET}", request_id=SECRET, measures={"served_model": f"m-{SECRET}"})
    (line,) = lines(result)
    assert SECRET not in json.dumps(line)
    assert line["message"] == "bad key [redacted]"


def test_a_line_has_no_control_characters() -> None:
    """Terminal sequences, line ends and broken surrogates in a message stay text."""
    stream = io.StringIO()
    hostile = "a\x1b[2J\r\nb\x00c\x7fd\x9be\u2028f\udcff"
    with LogSink(stream, redactor=Redactor(), clock=Watch().clock) as log:
        log.record(probe(), failed(message=hostile))
    written = stream.getvalue()
    assert written.count("\n") == 1
    assert written.isascii()
    assert all(" " <= character <= "~" for character in written[:-1])
    assert json.loads(written)["message"] == hostile


def test_numbers_that_json_does_not_know_are_texts() -> None:
    """A line stays JSON."""
    measures = lines(ok(measures={"a": float("nan"), "b": float("inf"), "c": 1.5}))[0]["measures"]
    assert measures == {"a": "nan", "b": "inf", "c": 1.5}


def test_a_skipped_run_is_told_once() -> None:
    """A reason that goes on is not repeated; after a run, or a reload without the probe, it is news again."""
    stream = io.StringIO()
    with LogSink(stream, redactor=Redactor(), clock=Watch().clock) as log:
        log.skip(probe(), "budget")
        log.skip(probe(), "budget")
        log.configure((probe(),), None)
        log.skip(probe(), "budget")
        log.record(probe(), ok())
        log.skip(probe(), "budget")
        log.configure((), None)
        log.skip(probe(), "budget")
    written = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line.get("skipped") for line in written] == ["budget", None, "budget", "budget"]


def test_a_reader_that_does_not_read_stops_nothing() -> None:
    """Lines beyond the limit are lost and counted; recording them takes no time."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as reader, os.fdopen(writing, "w") as stream:
        log = LogSink(stream, redactor=Redactor(), clock=Watch().clock, limit=500)
        with log:
            deadline = time.monotonic() + 30
            while not log.dropped and time.monotonic() < deadline:
                began = time.monotonic()
                log.record(probe(), failed())
                assert time.monotonic() - began < 5
                time.sleep(0.0001)
            assert log.dropped
            drain = threading.Thread(target=reader.read)
            drain.start()
        stream.close()
        drain.join()


def test_a_reader_that_went_away_is_counted() -> None:
    """A closed stream ends neither the run nor the writer."""
    stream = io.StringIO()
    stream.close()
    with LogSink(stream, redactor=Redactor(), clock=Watch().clock) as log:
        log.record(probe(), ok())
    assert log.dropped == 1
