"""The JSON object of a probe."""

from __future__ import annotations

import json

from prober.model.errors import ErrorClass
from prober.model.run import Phase, Step
from prober.sinks.document import MEASURES, timestamp, to_json
from tests.sinks.makers import NOON, SECOND, failed, ok, probe

KEYS = [
    "name",
    "kind",
    "provider",
    "service",
    "result",
    "error_class",
    "fault",
    "detail",
    "phase",
    "message",
    "started_at",
    "duration_seconds",
    "phases",
    "measures",
    "steps",
    "request_id",
    "disabled",
]


def test_the_keys_are_those_of_the_design() -> None:
    """Absent things are null, not missing, whatever the run came to."""
    for result in (None, ok(), ok(slow=True), failed()):
        document = to_json(probe(), result)
        assert list(document) == KEYS
        measures = document["measures"]
        assert isinstance(measures, dict)
        assert set(measures) >= set(MEASURES)


def test_a_failure_is_told_whole() -> None:
    """Class, fault, detail, phase and message of the failure; phases, steps and measures of the run."""
    result = failed(
        error_class=ErrorClass.RESPONSE_TIMEOUT,
        detail="idle",
        phase="stream",
        message="nothing for 15 s",
        request_id="req_1",
        duration_ns=1_500_000_000,
        measures={"http_status": 200, "cost": float("nan"), "own": "x"},
        phases=(Phase(name="stream", offset_ns=SECOND, duration_ns=SECOND // 2, finished=False),),
        steps=(Step(name="submit", result="fail", duration_ns=SECOND, status=None),),
    )
    document = json.loads(json.dumps(to_json(probe(), result), allow_nan=False))
    measures = document.pop("measures")
    assert {name: value for name, value in measures.items() if value is not None} == {"http_status": 200, "own": "x"}
    assert document == {
        "name": "chat-probe",
        "kind": "http",
        "provider": "openai",
        "service": "chat",
        "result": "fail",
        "error_class": "response_timeout",
        "fault": "target",
        "detail": "idle",
        "phase": "stream",
        "message": "nothing for 15 s",
        "started_at": "2026-01-01T12:00:00.000Z",
        "duration_seconds": 1.5,
        "phases": [{"name": "stream", "offset_seconds": 1.0, "duration_seconds": 0.5, "finished": False}],
        "steps": [{"name": "submit", "result": "fail", "duration_seconds": 1.0, "status": None}],
        "request_id": "req_1",
        "disabled": None,
    }


def test_a_disabled_probe_has_no_result() -> None:
    """It says why it does not run."""
    document = to_json(probe(disabled="OPENAI_API_KEY is not set"), None)
    assert (document["result"], document["disabled"]) == (None, "OPENAI_API_KEY is not set")


def test_a_slow_run_says_what_was_slow() -> None:
    """The message is for the person who reads, success or not."""
    assert to_json(probe(), ok(slow=True))["message"] == "total 4.2 s > 3 s"
    assert to_json(probe(), ok())["message"] is None


def test_times_are_utc_with_milliseconds() -> None:
    """RFC 3339, cut and not rounded: a time is never in the future."""
    assert timestamp(NOON + 999_999_999) == "2026-01-01T12:00:00.999Z"
