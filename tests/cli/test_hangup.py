"""A hang-up while the process begins: it waits for its handler, and never ends the process.

It is sent to this thread, since other tests may have left threads that hold nothing back.
"""

from __future__ import annotations

import signal
import threading

import click

from prober.cli import main
from prober.cli.hangup import hangup_held_back


def _is_held_back() -> bool:
    return signal.SIGHUP in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_a_hang_up_waits_for_its_handler() -> None:
    """Whoever unblocks it inside has it then."""
    heard: list[int] = []
    before = signal.signal(signal.SIGHUP, lambda number, _frame: heard.append(number))
    try:
        with hangup_held_back():
            signal.pthread_kill(threading.get_ident(), signal.SIGHUP)
            assert heard == []
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})
            assert heard == [signal.SIGHUP]
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_hang_up_that_nobody_handles_is_forgotten() -> None:
    """As when the configuration has a mistake: the process says so and ends with its own status."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup it is ignored
    try:
        with hangup_held_back():
            signal.pthread_kill(threading.get_ident(), signal.SIGHUP)
        assert not _is_held_back()
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, before)


def test_run_is_imported_with_hang_ups_held_back() -> None:
    """That takes most of the time before there is a handler; other commands end by a hang-up as any program does."""
    with click.Context(main) as context:
        assert isinstance(main, click.Group)
        assert main.resolve_command(context, ["schema"])
        assert main.get_command(context, "run")  # as the help does, in a context that nobody may close
        assert not _is_held_back()
        assert main.resolve_command(context, ["run"])
        assert _is_held_back()
    assert not _is_held_back()
