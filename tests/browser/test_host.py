"""The life of the browser: started once, used in turn, started anew in time, and never left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from prober.browser.command import browser_command
from prober.browser.host import HostBrowser
from prober.model.errors import ErrorClass, ProbeFailure
from tests.browser.lab import ENVIRONMENT, impostor, of_session

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


def with_browser(visit: Callable[[HostBrowser], Awaitable[Any]], *, run: Any = asyncio.run, **settings: Any) -> Any:
    """What the visit to a browser returns; afterwards no process and no file of it may be left."""

    async def main() -> Any:
        seen: set[int] = set()
        async with HostBrowser(settings.pop("environment", ENVIRONMENT), **settings) as browser:
            result = await visit(browser)
            seen.add(browser.pid or 0)
        assert [of_session(pid) for pid in seen if pid] == [[] for pid in seen if pid]
        return result

    usual = tempfile.tempdir
    with tempfile.TemporaryDirectory() as folder:
        tempfile.tempdir = folder  # others on this machine may have browsers of their own
        try:
            result = run(main())
        finally:
            tempfile.tempdir = usual
        assert list(Path(folder).glob("prober-browser-*")) == []
    return result


def test_tabs_are_given_one_at_a_time_and_the_browser_stays(run_loop: Any) -> None:
    """Two that load at once would slow each other down."""

    async def visit(browser: HostBrowser) -> tuple[list[str], int]:
        order: list[str] = []

        async def use(name: str) -> None:
            tab = await browser.tab(seconds=20)
            order.append(f"{name} begins")
            await tab.ask("Page.enable")
            await asyncio.sleep(0.02)
            order.append(f"{name} ends")
            await tab.close()
            await tab.close()

        async with asyncio.TaskGroup() as group:
            for name in ("one", "two", "three"):
                group.create_task(use(name))
        return order, browser.starts

    order, starts = with_browser(visit, run=run_loop)
    assert order == [f"{name} {what}" for name in ("one", "two", "three") for what in ("begins", "ends")]
    assert starts == 1


def test_contexts_share_nothing() -> None:
    """What one page stores the next does not find."""

    async def visit(browser: HostBrowser) -> list[int]:
        counts: list[int] = []
        for _ in range(2):
            tab = await browser.tab(seconds=20)
            await tab.ask("Network.setCookie", name="a", value="b", url="http://127.0.0.1/")
            await tab.ask("Network.setCookie", name=f"c{len(counts)}", value="d", url="http://127.0.0.1/")
            cookies = (await tab.ask("Network.getCookies", urls=["http://127.0.0.1/"]))["cookies"]
            counts.append(len(cookies))
            await tab.close()
        return counts

    assert with_browser(visit) == [2, 2]


def test_the_browser_is_started_anew_before_it_is_old_or_large() -> None:
    """After so many tabs, or with so much memory."""

    async def visit(browser: HostBrowser) -> int:
        for _ in range(4):
            await (await browser.tab(seconds=20)).close()
        return browser.starts

    assert with_browser(visit, most_tabs=2) == 2
    assert with_browser(visit, most_bytes=1 << 20) == 4


def test_a_browser_that_died_is_started_anew() -> None:
    """The one whose run it was is told that the trouble is ours."""

    async def visit(browser: HostBrowser) -> int:
        tab = await browser.tab(seconds=20)
        assert browser.pid is not None
        os.killpg(browser.pid, signal.SIGKILL)
        with pytest.raises(ProbeFailure) as raised:
            await tab.ask("Page.enable")
        assert (raised.value.error_class, raised.value.detail) == (ErrorClass.PROBER_ERROR, "browser")
        tab.tell("Page.enable")
        await tab.close()
        await (await browser.tab(seconds=20)).close()
        return browser.starts

    assert with_browser(visit) == 2


def test_a_page_that_crashes_takes_nothing_along() -> None:
    """Its tab says so, and the next tab is of a fresh browser."""

    async def visit(browser: HostBrowser) -> int:
        tab = await browser.tab(seconds=20)
        with pytest.raises(ProbeFailure, match="crashed"):
            await tab.ask("Page.crash")
        with pytest.raises(ProbeFailure, match="crashed"):
            await tab.ask("Page.enable")
        await tab.close()
        await (await browser.tab(seconds=20)).close()
        return browser.starts

    assert with_browser(visit) == 2


def test_a_tab_that_is_not_closed_is_taken_away() -> None:
    """A run that was cancelled in the middle must not keep all others waiting for ever."""

    async def visit(browser: HostBrowser) -> float:
        lost = await browser.tab(seconds=0.2)
        began = time.perf_counter()
        tab = await browser.tab(seconds=20)
        waited = time.perf_counter() - began
        await lost.close()  # too late: it is the other's turn
        await tab.ask("Page.enable")
        await tab.close()
        return waited

    assert with_browser(visit) >= 0.15


def test_a_run_that_is_cancelled_gives_its_tab_up_at_once() -> None:
    """Nobody waits for what it can no longer do; closing it afterwards takes nothing from the next."""

    async def visit(browser: HostBrowser) -> tuple[float, int]:
        tab = await browser.tab(seconds=20)
        tab.abandon()
        tab.abandon()
        began = time.perf_counter()
        second = await browser.tab(seconds=20)
        waited = time.perf_counter() - began
        await tab.close()
        await second.ask("Page.enable")
        await second.close()
        return waited, browser.starts

    waited, starts = with_browser(visit)
    assert waited < 5
    assert starts == 2


def test_whoever_gives_up_waiting_takes_no_turn() -> None:
    """Cancelled in the queue, or while the browser starts."""

    async def visit(browser: HostBrowser) -> None:
        tab = await browser.tab(seconds=20)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await browser.tab(seconds=20)
        await tab.close()
        await (await browser.tab(seconds=20)).close()

    with_browser(visit)


def test_a_page_in_an_endless_loop_ends_with_its_tab() -> None:
    """It does not go on eating a core."""

    async def visit(browser: HostBrowser) -> tuple[list[str], int]:
        tab = await browser.tab(seconds=20)
        await tab.ask("Page.enable")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await tab.ask("Runtime.evaluate", expression="while (true) {}")
        await tab.close()
        assert browser.pid is not None
        states = of_session(browser.pid)
        for _ in range(100):
            if "R" not in states:  # a process may just have something to do; a script that goes on always has
                break
            await asyncio.sleep(0.1)
            states = of_session(browser.pid)
        return states, browser.starts

    states, starts = with_browser(visit)
    assert "R" not in states
    assert starts == 1


IMPOSTORS = {
    "ends at once": ("sys.exit('no display, no fonts')", "browser did not start: no display, no fonts"),
    "says nothing and ends": ("sys.exit(1)", "browser did not start"),
    "answers with an error": (
        'os.read(3, 4096); os.write(4, b\'{"id": 1, "error": {"message": "no"}}\\0\'); time.sleep(30)',
        "browser did not start",
    ),
}


@pytest.mark.parametrize(("body", "message"), IMPOSTORS.values(), ids=IMPOSTORS)
def test_a_browser_that_does_not_start_is_our_own_trouble(tmp_path: Path, body: str, message: str) -> None:
    """Never the target's fault; the message says what the program said last."""

    async def visit(browser: HostBrowser) -> ProbeFailure:
        for _ in range(2):  # the turn is given back each time
            with pytest.raises(ProbeFailure) as raised:
                await browser.tab(seconds=5)
        return raised.value

    failure = with_browser(visit, environment=impostor(tmp_path, body))
    assert (failure.error_class, failure.detail) == (ErrorClass.PROBER_ERROR, "browser")
    assert message in failure.message


def test_a_program_that_cannot_be_run(tmp_path: Path) -> None:
    """Nor is it anybody else's fault that it is missing."""
    (tmp_path / "text").write_text("no program")
    (tmp_path / "text").chmod(0o755)

    async def visit(browser: HostBrowser) -> str:
        with pytest.raises(ProbeFailure) as raised:
            await browser.tab(seconds=5)
        return raised.value.message

    missing = {**ENVIRONMENT, "PROBER_CHROMIUM": str(tmp_path / "nothing")}
    assert "install" in with_browser(visit, environment=missing)
    assert "PROBER_CHROMIUM" in with_browser(visit, environment={"PATH": str(tmp_path)})
    broken = {**ENVIRONMENT, "PROBER_CHROMIUM": str(tmp_path / "text")}
    assert "cannot be run" in with_browser(visit, environment=broken)


def test_a_browser_gets_no_environment_of_ours(tmp_path: Path) -> None:
    """It runs foreign code, and our environment holds keys."""
    shown = tmp_path / "environment"
    body = f"open({str(shown)!r}, 'w').write(json.dumps(dict(os.environ)))"

    async def visit(browser: HostBrowser) -> None:
        with pytest.raises(ProbeFailure):
            await browser.tab(seconds=5)

    with_browser(visit, environment={**impostor(tmp_path, body), "OPENAI_API_KEY": "sk-canary"})
    text = shown.read_text()
    assert "sk-canary" not in text
    assert "prober-browser-" in text  # its home is its profile


def test_the_command_is_the_first_that_is_there(tmp_path: Path) -> None:
    """Further flags come last, so that they win; a sandbox is not asked of root."""
    for name in ("chromium", "chromium-headless-shell"):
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(0o755)
    command = browser_command({"PATH": str(tmp_path), "PROBER_CHROMIUM_ARGS": "--lang=de '--user=a b'"})
    assert command[0] == str(tmp_path / "chromium-headless-shell")
    assert command[-2:] == ("--lang=de", "--user=a b")
    assert ("--no-sandbox" in command) == (os.geteuid() == 0)


def test_the_browser_gives_way_to_whoever_measures() -> None:
    """A page that wants all cores must not make our clock late."""

    async def visit(browser: HostBrowser) -> set[int]:
        tab = await browser.tab(seconds=20)
        assert browser.pid is not None
        niceness = os.getpriority(os.PRIO_PGRP, browser.pid)
        await tab.close()
        return {niceness - os.getpriority(os.PRIO_PROCESS, 0)}

    assert with_browser(visit) != {0}
