"""Tests of writing: poor encodings, wishes for no colour, and the options' own languages."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from prober.cli.bars import ASCII
from prober.cli.measures import measure_texts
from prober.cli.options import endpoint, shard
from prober.cli.output import Unwritable, colour_wish, show
from prober.cli.progress import Progress
from prober.engine import Shard
from tests.cli.command import environment

CONTEXT = click.Context(click.Command("x"))
OPTION = click.Option(["--listen"])


def test_what_a_stream_cannot_show_is_no_error() -> None:
    """A question mark is better than a traceback."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", errors="strict")
    show("1 200 ● é", stream=stream)
    stream.flush()
    assert raw.getvalue() == b"1 200 ? ?\n"


class _Sips(io.RawIOBase):
    """An unbuffered pipe that takes a few bytes at a time, and sometimes none."""

    def __init__(self) -> None:
        self.taken = b""
        self._is_full = True

    def writable(self) -> bool:
        """It is there to be written to."""
        return True

    def write(self, data: bytes) -> int | None:  # type: ignore[override]  # the caller gives a memoryview
        """Take three bytes every second time."""
        self._is_full = not self._is_full
        if self._is_full:
            return None
        self.taken += bytes(data[:3])
        return len(data[:3])


def test_a_pipe_that_takes_a_part_gets_the_rest() -> None:
    """With PYTHONUNBUFFERED Python itself would lose what a pipe does not take at once."""
    raw = _Sips()
    stream = io.TextIOWrapper(raw, encoding="utf-8", write_through=True)  # type: ignore[type-var]  # as Python does it
    show("twelve bytes and an \x1b[1mé\x1b[0m", stream=stream)
    assert raw.taken.decode() == "twelve bytes and an é\n"


def test_a_full_disk_is_said_in_one_line() -> None:
    """And whatever is left of the text goes nowhere, so that Python has nothing to complain about at its end."""
    with Path("/dev/full").open("w") as stream, pytest.raises(Unwritable, match="No space left on device") as error:
        show("text", stream=stream)
    assert error.value.exit_code == 74


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        pytest.param("check", 1, "", id="of a check nobody reads"),
        pytest.param("", 2, "Usage: prober [OPTIONS] COMMAND [ARGS]...", id="without a command"),
    ],
)
def test_a_command_ends_without_a_traceback(tmp_path: Path, arguments: str, status: int, said: str) -> None:
    """Also where the reader of its output has left, as ``head`` does."""
    probe = "{name: a, kind: http, url: 'http://127.0.0.1:1/', expect: {error_class: connect_refused}}"
    (tmp_path / "probes.yaml").write_text(f"version: 1\nprobes: [{probe}]\n")
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as nobody:
        done = subprocess.run(
            [sys.executable, "-m", "prober", *arguments.split()],
            cwd=tmp_path,
            env=environment(),
            stdout=nobody,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr[: len(said)]) == (status, said)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("env", "wish"),
    [
        pytest.param({}, None, id="the terminal decides"),
        pytest.param({"NO_COLOR": "1"}, False, id="no colours"),
        pytest.param({"NO_COLOR": ""}, None, id="an empty value is none"),
    ],
)
def test_the_user_may_want_no_colours(env: dict[str, str], wish: bool | None) -> None:
    """NO_COLOR, as no-color.org says."""
    assert colour_wish(env) is wish


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("127.0.0.1:9813", ("127.0.0.1", 9813)),
        ("localhost:0", ("localhost", 0)),
        ("[::1]:80", ("::1", 80)),
        (":9813", ("", 9813)),
    ],
)
def test_an_address_to_listen_at(text: str, pair: tuple[str, int]) -> None:
    """Host and port; IPv6 in brackets."""
    assert endpoint(CONTEXT, OPTION, text) == pair


@pytest.mark.parametrize("text", ["9813", "localhost", "::1:80", "[::1]", "a:b", "a:70000", "a:-1", "a:٣", "[a:1"])
def test_what_is_no_address_is_refused(text: str) -> None:
    """The message shows how to write it."""
    with pytest.raises(click.BadParameter, match="HOST:PORT"):
        endpoint(CONTEXT, OPTION, text)


def test_a_shard_is_parsed_for_the_command_line() -> None:
    """A mistake is one of usage."""
    assert shard(CONTEXT, OPTION, "1/2") == Shard(1, 2)
    with pytest.raises(click.BadParameter, match="INDEX"):
        shard(CONTEXT, OPTION, "2/2")


def test_measures_are_said_shortly() -> None:
    """Zeros and the usual are left out; a visible token that is the first one is not said twice."""
    texts = list(
        measure_texts(
            {
                "http_status": 200,
                "redirects": 0,
                "first_token_seconds": 0.5,
                "first_visible_token_seconds": 0.5,
                "max_gap_seconds": None,
                "certificate_days": 61.7,
                "cost": 0.00012,
                "bytes": 1_500_000,
                "finish_reason": "length",
                "own_measure": 3,
                "redirected": True,
            }
        )
    )
    assert texts == [
        "HTTP 200",
        "first token 500 ms",
        "cost 0.00012",
        "1.5 MB",
        "certificate for 61 days",
        "finish reason length",
    ]


def test_progress_names_what_it_waits_for() -> None:
    """How many are done, and which are not; cut to the terminal."""
    progress = Progress(io.StringIO(), total=3, ink=ASCII, width=40)
    for name in ("first", "second", "third-with-a-very-long-name"):
        progress.started(name)
    progress.finished("first")
    assert progress.line() == "| 1 of 3 done, waiting for second, t..."


def test_progress_is_silent_where_nobody_watches() -> None:
    """A pipe gets nothing."""
    stream = io.StringIO()
    progress = Progress(stream, total=1, ink=ASCII, width=40)

    async def turn() -> None:
        async with progress.turning():
            progress.started("a")

    import asyncio

    asyncio.run(turn())
    assert stream.getvalue() == ""


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_cleans_up_after_itself() -> None:
    """On a terminal the line turns while it is waited, and is gone in the end."""
    stream = _Terminal()
    progress = Progress(stream, total=1, ink=ASCII, width=40)

    async def turn() -> None:
        async with progress.turning():
            progress.started("a")
            await asyncio.sleep(0.65)

    import asyncio

    asyncio.run(turn())
    assert "0 of 1 done, waiting for a" in stream.getvalue()
    assert stream.getvalue().endswith("\r\x1b[K")


def test_help_lists_every_command() -> None:
    """What can be done is found by asking."""
    from prober.cli import main
    from prober.cli.group import COMMANDS

    done = CliRunner().invoke(main, ["--help"])
    assert done.exit_code == 0
    assert all(f"\n  {name} " in done.output for name in COMMANDS)
    assert CliRunner().invoke(main, ["--version"]).output.startswith("prober, version ")
    assert CliRunner().invoke(main, ["nonsense"]).exit_code == 2
