"""A process whose loop hangs ends itself, and says where it hung; one that was only paused does not."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import textwrap
import threading
import time
from typing import TYPE_CHECKING

from prober.app import HANG_STATUS
from prober.app.heart import Heart
from tests.cli.command import environment

if TYPE_CHECKING:
    from pathlib import Path

_PROGRAM = """
    import asyncio, re, sys, time
    import uvloop
    from prober.app.heart import Heart

    def stuck():
        {hang}

    async def main(heart):
        for number in range(8):
            heart.beat()
            if number == 2:
                print("begins", flush=True)
                stuck()
            await asyncio.sleep(0.1)

    with Heart({limit}) as heart:
        uvloop.run(main(heart))
    print("ended well", flush=True)
"""


def _start(tmp_path: Path, hang: str, *, limit: float) -> subprocess.Popen[str]:
    program = tmp_path / "hangs.py"
    program.write_text(textwrap.dedent(_PROGRAM.format(hang=hang, limit=limit)))
    command = [sys.executable, str(program)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=environment(), stdout=pipe, stderr=pipe, text=True)


def test_a_loop_that_hangs_ends_the_process(tmp_path: Path) -> None:
    """With a status of its own, a line for the log, and the stack of every thread."""
    with _start(tmp_path, "while True: pass", limit=1) as process:
        _, said = process.communicate(timeout=30)
    assert process.returncode == HANG_STATUS == 70
    first, rest = said.split("\n", 1)
    line = json.loads(first)
    assert (line["level"], line["message"][:33]) == ("critical", "the event loop has hung for 1 s: ")
    assert "in stuck" in rest
    assert rest.count("hread 0x") >= 2


def test_a_loop_that_hangs_inside_of_c_is_ended_too(tmp_path: Path) -> None:
    """It keeps the interpreter lock, so no thread of Python can see to it."""
    with _start(tmp_path, 're.match(r"(a|a)+$", "a" * 64 + "b")', limit=0.5) as process:
        _, said = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGVTALRM
    assert "in stuck" in said


def test_a_paused_process_goes_on(tmp_path: Path) -> None:
    """SIGSTOP, a debugger, a suspended machine: time that has passed for nobody is no hang."""
    with _start(tmp_path, "pass", limit=1) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begins\n"
        process.send_signal(signal.SIGSTOP)
        time.sleep(1.5)
        process.send_signal(signal.SIGCONT)
        assert process.stdout.readline() == "ended well\n"
        assert process.wait(10) == 0


def test_without_a_limit_nothing_is_watched() -> None:
    """Whoever steps through it with a debugger wants that."""
    with Heart(0) as heart:
        heart.beat()
        assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0, 0)
        assert "heart" not in {thread.name for thread in threading.enumerate()}
