"""Tests of what may be read of a run: cleaned texts, lengths of time, tracebacks and the journal without secrets."""

from __future__ import annotations

import asyncio
import io
import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.engine.journal import JsonLines, write_journal
from prober.engine.limits import concurrent_runs, raise_file_limit
from prober.engine.text import clean, clean_optional, duration
from prober.engine.trace import trace
from prober.model.secret import Redactor

SECRET = "sk-very-secret"


@given(st.text(max_size=1000))
def test_whatever_comes_in_is_fit_to_print(text: str) -> None:
    """Printable, one line, at most 200 characters, and no secret."""
    shown = clean(text + SECRET, Redactor([SECRET]))
    assert len(shown) <= 200
    assert shown.isprintable()
    assert SECRET not in shown
    shown.encode()


def test_what_is_absent_stays_absent() -> None:
    """None is not the text None."""
    assert clean_optional(None, Redactor()) is None
    assert clean_optional("a\tb", Redactor()) == "a b"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0000004, "0.0004 ms"),
        (0.0012, "1.2 ms"),
        (0.05, "50 ms"),
        (0.9994, "999 ms"),
        (1, "1 s"),
        (3.214, "3.21 s"),
        (99.9, "99.9 s"),
        (125, "2 min 05 s"),
    ],
)
def test_a_length_of_time_for_people(seconds: float, text: str) -> None:
    """No more digits than matter."""
    assert duration(seconds) == text


def test_a_trace_ends_after_some_causes() -> None:
    """A long chain of causes, or one in a circle, does not fill the log."""
    first: Exception = ValueError("0")
    for number in range(1, 20):
        after = ValueError(str(number))
        after.__cause__ = first
        first = after
    assert trace(first, Redactor()).count("ValueError") == 5


def _lines(stream: io.StringIO) -> list[dict[str, str]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_the_journal_is_json_without_secrets() -> None:
    """Level, time and message on one line; a traceback is inside the message."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines(Redactor([SECRET])))
    logger = logging.getLogger("test")
    logger.addHandler(handler)
    logger.warning("lost %s", SECRET)
    try:
        _ = dict[str, str]()[SECRET]
    except KeyError:
        logger.exception("broken")
    first, second = _lines(stream)
    assert (first["level"], first["message"]) == ("warning", "lost [redacted]")
    assert first["time"].endswith("Z")
    assert second["level"] == "error"
    assert "builtins.KeyError: '[redacted]'" in second["message"]


def test_complaints_of_the_loop_show_no_request() -> None:
    """What asyncio would print with the repr of everything is a line without."""
    stream = io.StringIO()
    handlers, level = logging.root.handlers[:], logging.root.level

    class Telling(Exception):
        def __repr__(self) -> str:
            return "Telling(headers={'authorization': 'Bearer x'})"

    async def complain() -> None:
        write_journal(stream, Redactor([SECRET]))
        loop = asyncio.get_running_loop()
        loop.call_exception_handler({"message": "never retrieved", "exception": Telling(SECRET)})
        loop.call_exception_handler({"message": "alone"})

    try:
        asyncio.run(complain())
    finally:
        logging.basicConfig(level=level, handlers=handlers, force=True)
    first, second = _lines(stream)
    assert first["message"].startswith("never retrieved\n")
    assert "Telling: [redacted]" in first["message"]
    assert "Bearer" not in stream.getvalue()
    assert second["message"] == "alone"


@pytest.mark.parametrize(
    ("files", "runs"),
    [(-1, 1024), (65_536, 1024), (1024, 480), (100, 18), (10, 1)],
    ids=["endless", "many", "usual", "few", "none"],
)
def test_files_decide_how_many_runs_there_may_be(files: int, runs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reserve is left for scrapes and the log; one run is always possible."""
    monkeypatch.setattr("resource.getrlimit", lambda _what: (files, files))
    assert concurrent_runs() == runs


@pytest.mark.parametrize(
    ("limits", "wanted"),
    [((1024, 4096), (4096, 4096)), ((1024, -1), (65_536, -1)), ((4096, 4096), None), ((-1, -1), None)],
    ids=["to the hard limit", "within reason", "as high as may be", "endless"],
)
def test_the_limit_of_files_is_raised(
    limits: tuple[int, int], wanted: tuple[int, int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As far as it may be without being root."""
    raised: list[tuple[int, int]] = []
    monkeypatch.setattr("resource.getrlimit", lambda _what: limits)
    monkeypatch.setattr("resource.setrlimit", lambda _what, pair: raised.append(pair))
    raise_file_limit()
    assert raised == ([] if wanted is None else [wanted])
