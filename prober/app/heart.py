"""Ends a process whose event loop hangs, with the stacks of all its threads, so that a supervisor starts it again."""

from __future__ import annotations

import faulthandler
import json
import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["HANG_STATUS", "Heart"]

HANG_STATUS = 70
"""The exit status of a process whose event loop hung: ``EX_SOFTWARE``."""

_LOOK_SECONDS = 1.0
_LOOKS = 5
_LAST_WORDS_SECONDS = 5
_STANDARD_ERROR = 2


class Heart:
    """A context in which the event loop beats. Without a beat for so many seconds the process ends.

    A thread counts seconds of its own, so that time in which the whole process was paused, by SIGSTOP, a debugger or a
    suspended machine, is no hang: both wake up together. A loop that hangs inside of C code and keeps the interpreter
    lock stops the thread as well; then a timer that counts only time on the processor dumps the stacks and ends the
    process by SIGVTALRM, after twice the time.
    """

    def __init__(self, limit_seconds: float) -> None:
        self._limit = limit_seconds
        self._look = min(_LOOK_SECONDS, limit_seconds / _LOOKS)
        self._beats = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="heart", daemon=True)

    def __enter__(self) -> Self:
        if self._limit > 0:
            faulthandler.register(signal.SIGVTALRM, file=_STANDARD_ERROR, all_threads=True, chain=True)
            self.beat()
            self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._limit > 0:
            self._ended.set()
            self._thread.join()
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            faulthandler.unregister(signal.SIGVTALRM)

    def beat(self) -> None:
        """The event loop lives."""
        self._beats += 1
        if self._limit > 0:
            signal.setitimer(signal.ITIMER_VIRTUAL, 2 * self._limit)

    def _listen(self) -> None:
        heard, silent = self._beats, 0.0
        while not self._ended.wait(self._look):
            silent = silent + self._look if self._beats == heard else 0.0
            heard = self._beats
            if silent >= self._limit:
                _end(silent)


def _end(silent_seconds: float) -> None:
    """Say why, show what every thread is doing, and end."""
    signal.alarm(_LAST_WORDS_SECONDS)  # standard error may be a pipe that nobody reads
    message = f"the event loop has hung for {silent_seconds:.0f} s: ending, for the supervisor to start it again"
    at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + "Z"
    line = json.dumps({"level": "critical", "time": at, "message": message})
    os.write(_STANDARD_ERROR, line.encode() + b"\n")
    faulthandler.dump_traceback(file=_STANDARD_ERROR, all_threads=True)
    os._exit(HANG_STATUS)
