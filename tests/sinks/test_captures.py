"""What pages looked like: how much of it is kept, and that it survives a restart."""

from __future__ import annotations

import asyncio
import stat
from dataclasses import replace
from typing import TYPE_CHECKING

from prober.model.browser import Capture
from prober.model.errors import ErrorClass
from prober.sinks.captures import Captures
from prober.sinks.history import History
from tests.sinks.makers import SECOND, failed, ok, probe

if TYPE_CHECKING:
    from pathlib import Path

    from prober.model.run import Result

ONE, TWO = probe("one", of="page"), probe("two", of="page")


def seen(at: int, screenshot: bytes | None = b"picture", html: str | None = "<p>") -> Result:
    """A failure at a time, and what the page looked like."""
    capture = Capture(screenshot=screenshot, html=html)
    return replace(failed(error_class=ErrorClass.CONTENT_MISMATCH, at_ns=at * SECOND), capture=capture)


def test_the_last_failures_are_kept_newest_first() -> None:
    """So many of each probe; either part may be missing."""
    captures = Captures(each=2)
    for at in (1, 2, 3):
        captures.record(ONE, seen(at, html=None if at == 2 else "<p>"))
    captures.record(TWO, seen(9))
    assert captures.of("one") == {3 * SECOND: ("html", "jpg"), 2 * SECOND: ("jpg",)}
    assert captures.content("one", 3 * SECOND, "html") == b"<p>"
    assert captures.content("one", 2 * SECOND, "html") is None
    assert captures.content("one", 1 * SECOND, "jpg") is None
    assert list(captures.of("two")) == [9 * SECOND]


def test_there_is_a_bound_for_all_together() -> None:
    """The oldest goes, whosever it is."""
    captures = Captures(in_all=3)
    for at in range(1, 6):
        captures.record(ONE if at % 2 else TWO, seen(at))
    assert [at // SECOND for name in ("one", "two") for at in captures.of(name)] == [5, 3, 4]


def test_a_run_without_a_capture_changes_nothing(tmp_path: Path) -> None:
    """As nearly all of them: there is nothing to write."""
    captures = Captures(folder=tmp_path / "captures")
    captures.record(ONE, ok())
    captures.record(ONE, failed(error_class=ErrorClass.DNS_ERROR))
    captures.skip(ONE, "overrun")
    assert captures.save()
    assert captures.of("one") == {}
    assert list(tmp_path.iterdir()) == []


def test_probes_that_are_gone_are_forgotten() -> None:
    """By a reload."""
    captures = Captures()
    captures.record(ONE, seen(1))
    captures.configure((TWO,), None)
    assert captures.of("one") == {}


def test_the_history_does_not_hold_them() -> None:
    """It keeps results whole, and many of them."""
    history = History()
    history.configure((ONE,), None)
    history.record(ONE, seen(1))
    held = (*history.failures("one"), history.last("one"))
    assert [each.capture for each in held if each] == [None, None]


def test_they_survive_a_restart(tmp_path: Path) -> None:
    """In a folder that is nobody else's business; what is no longer kept is deleted, what is not ours stays."""
    folder = tmp_path / "captures"
    captures = Captures(folder=folder, each=1)
    captures.record(ONE, seen(1))
    assert captures.save()
    (folder / "notes.txt.old").write_text("mine")
    (folder / "one.x.jpg").write_text("no time")
    captures.record(ONE, seen(2, html="<p>ü"))
    assert captures.save()
    assert captures.save()
    assert sorted(path.name for path in folder.iterdir()) == [
        *("notes.txt.old", "one.2000000000.html", "one.2000000000.jpg", "one.x.jpg")
    ]
    assert stat.S_IMODE((folder / "one.2000000000.jpg").stat().st_mode) == 0o600
    again = Captures(folder=folder)
    assert again.of("one") == {2 * SECOND: ("html", "jpg")}
    assert again.content("one", 2 * SECOND, "html") == "<p>ü".encode()


def test_trouble_with_the_disk_disturbs_nothing_else(tmp_path: Path) -> None:
    """They are kept in memory, and written when the disk is well again."""
    folder = tmp_path / "captures"
    folder.write_text("a file in the way")
    captures = Captures(folder=folder)
    captures.record(ONE, seen(1))
    assert not captures.save()
    folder.unlink()
    assert captures.save()
    assert Captures(folder=folder).of("one") == captures.of("one")


def test_a_task_writes_what_changes(tmp_path: Path) -> None:
    """And once more when it ends."""

    async def main() -> None:
        captures = Captures(folder=tmp_path)
        async with asyncio.TaskGroup() as group:
            keeping = group.create_task(captures.keep())
            await asyncio.sleep(0)
            captures.record(ONE, seen(1))
            keeping.cancel()

    asyncio.run(main())
    assert list(Captures(folder=tmp_path).of("one")) == [SECOND]
