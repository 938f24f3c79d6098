"""A file that follows what is in memory."""

from __future__ import annotations

import asyncio
import threading

from prober.model.keeper import Keeper


class _Disk:
    """Remembers what was written; ``lets`` is whether it lets us."""

    def __init__(self) -> None:
        self.value = 0
        self.lets = True
        self.written: list[int] = []
        self.keeper: Keeper[int] = Keeper(lambda: self.value, self._write, every_seconds=0.001)

    def change(self) -> None:
        """Have something new to write."""
        self.value += 1
        self.keeper.changed()

    def _write(self, value: int) -> bool:
        if self.lets:
            self.written.append(value)
        return self.lets


def test_what_changes_is_written_while_it_runs() -> None:
    """Each time, and nothing where nothing has changed."""
    disk = _Disk()

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            keeping = group.create_task(disk.keeper.keep())
            for _ in range(3):
                disk.change()
                while disk.written[-1:] != [disk.value]:
                    await asyncio.sleep(0.001)
            keeping.cancel()

    asyncio.run(main())
    assert disk.written == [1, 2, 3]


def test_the_last_words_are_written_at_the_end() -> None:
    """What has changed since, before the task is over."""
    disk = _Disk()

    async def main() -> None:
        keeping = asyncio.ensure_future(disk.keeper.keep())
        await asyncio.sleep(0)
        disk.change()
        keeping.cancel()
        await asyncio.wait([keeping])

    asyncio.run(main())
    assert disk.written == [1]


def test_what_the_disk_refused_is_still_to_be_written() -> None:
    """Until it is there; then there is nothing to do."""
    disk = _Disk()
    disk.change()
    disk.lets = False
    assert not disk.keeper.save()
    disk.lets = True
    assert disk.keeper.save()
    assert disk.keeper.save()
    assert disk.written == [1]


def test_a_writer_that_is_late_does_not_write_over_what_is_newer() -> None:
    """One goes on after its cancellation, and the last words wait for it."""
    begun, go, written = threading.Event(), threading.Event(), list[str]()

    def write(text: str) -> bool:
        begun.set()
        assert go.wait(60)
        written.append(text)
        return True

    texts = ["old", "new"]
    keeper = Keeper(lambda: texts[0], write, every_seconds=60)
    keeper.changed()
    late = threading.Thread(target=keeper.save)
    late.start()
    assert begun.wait(60)
    texts.pop(0)
    keeper.changed()
    last = threading.Thread(target=keeper.save)
    last.start()
    go.set()
    late.join()
    last.join()
    assert written == ["old", "new"]
    assert keeper._put("older than both", 1)
    assert written == ["old", "new"]


def test_without_a_place_nothing_is_kept() -> None:
    """Saving is then always done, and no snapshot is taken."""
    keeper: Keeper[float] = Keeper(lambda: 1 / 0, None, every_seconds=60)
    keeper.changed()
    assert keeper.save()
