"""When Python's cycle collector looks at all objects: rarely, and at few, since that holds up what is measured."""

from __future__ import annotations

import asyncio
import gc

__all__ = ["collect_rarely", "settle"]

_YOUNG = 10_000  # objects until the first look: a run is over by then, so what is left of it never grows old
_NEVER = 1_000_000
_PERIOD_SECONDS = 60.0
_SETTLED = frozenset({1, 10})  # minutes


def settle() -> None:
    """Before anything is measured: what is alive now stays, so it is never looked at again.

    With 5,000 probes one look at all of it takes a tenth of a second.
    """
    gc.collect()
    gc.freeze()


async def collect_rarely() -> None:
    """Collect everything once a minute instead of whenever it seems due, until cancelled.

    What is alive after the first minute and after the tenth is there to stay, and is not looked at again.
    """
    before = gc.get_threshold()
    gc.set_threshold(_YOUNG, before[1], _NEVER)
    minute = 0
    try:
        while True:
            await asyncio.sleep(_PERIOD_SECONDS)
            minute += 1
            if minute in _SETTLED:
                gc.collect(1)
                gc.freeze()
            else:
                gc.collect()
    finally:
        gc.set_threshold(*before)
