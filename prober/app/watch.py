"""Looks at the files of the configuration, and has them loaded again when they have changed."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from prober.config import Glances

if TYPE_CHECKING:
    from prober.app.reload import Reloader
    from prober.config import Watched

__all__ = ["Watch"]

_PERIOD_SECONDS = 0.5
_SHARE_OF_TIME = 0.01


class Watch:
    """Looks twice a second, beside the event loop; ``documents`` says whether at more than the files of secrets.

    It looks instead of being told by inotify, which does not see through symbolic links that are swapped, as in volumes
    of Kubernetes, nor what another host writes to a network file system. What two looks in a row find the same, and
    other than it was, counts as written to its end.
    """

    def __init__(self, reloader: Reloader, *, documents: bool, period_seconds: float = _PERIOD_SECONDS) -> None:
        self._reloader = reloader
        self._period = period_seconds
        self._sees_documents = documents
        self._glances = Glances(), Glances()

    async def keep(self) -> None:
        """Look until cancelled."""
        before: tuple[Watched, ...] = ()
        pause = self._period
        while True:
            await asyncio.sleep(pause)
            known = self._known()
            began = time.perf_counter()
            seen = await asyncio.to_thread(self._look, known)
            pause = max(self._period, (time.perf_counter() - began) / _SHARE_OF_TIME)
            if known == self._known() and seen != known and seen == before:
                await self._take_over(known, seen)
            before = seen

    def _known(self) -> tuple[Watched, ...]:
        """Secrets, and documents if they are watched, as they were taken over."""
        secrets = self._reloader.secrets
        return (secrets, self._reloader.documents) if self._sees_documents else (secrets,)

    def _look(self, known: tuple[Watched, ...]) -> tuple[Watched, ...]:
        return tuple(glances.at(one) for glances, one in zip(self._glances, known, strict=False))

    async def _take_over(self, known: tuple[Watched, ...], seen: tuple[Watched, ...]) -> None:
        if seen[1:] != known[1:]:
            await self._reloader.reload()
        else:
            await self._reloader.renew_secrets()
