"""Loads the configuration again: all of it replaces the one that runs, or nothing does."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from prober.config import Config, ConfigErrors, Sources, Watched

if TYPE_CHECKING:
    from prober.model.secret import Redactor

__all__ = ["Load", "Reloader"]

Load = Callable[[Sources], Config]
"""Loads the configuration through these sources. Raises ConfigErrors."""

_log = logging.getLogger("prober")


class Reloader:
    """Reloads one after the other; whoever asks while one goes on gets the next, and many who ask share it.

    ``apply`` takes over a configuration, on the event loop. ``begin`` and ``end`` are told of each attempt.
    """

    def __init__(
        self,
        *,
        load: Load,
        apply: Callable[[Config], None],
        begin: Callable[[], None],
        end: Callable[[], None],
        redactor: Redactor,
        sources: Sources,
    ) -> None:
        self._load = load
        self._apply = apply
        self._begin = begin
        self._end = end
        self._redactor = redactor
        self._live = sources
        self._documents = sources.documents_seen()
        self._secrets = sources.secrets_seen()
        self._turn = asyncio.Lock()
        self._asked = 0
        self._answered = 0
        self._wrong_document: str | None = None
        self._wrong_secrets: str | None = None

    @property
    def problem(self) -> str | None:
        """Why what is on the disk is not what runs, redacted; None if it is, as far as anybody asked."""
        return "\n".join(filter(None, (self._wrong_document, self._wrong_secrets))) or None

    @property
    def documents(self) -> Watched:
        """The documents as the last attempt found them."""
        return self._documents

    @property
    def secrets(self) -> Watched:
        """The files of secrets as the last attempt found them, of those that the running configuration names."""
        return self._secrets

    async def reload(self) -> str | None:
        """Load everything again. Gives what was wrong with it, None if it runs now."""
        self._asked += 1
        ticket = self._asked
        async with self._turn:
            if self._answered < ticket:
                self._answered = self._asked
                await self._reload()
            return self._wrong_document

    async def _reload(self) -> None:
        self._begin()
        sources = Sources()
        try:
            config = await asyncio.to_thread(self._load, sources)
        except (ConfigErrors, OSError) as errors:
            self._wrong_document = self._redactor(str(errors))
            _log.error("the configuration was not loaded, the one before goes on:\n%s", self._wrong_document)
        else:
            self._wrong_document = self._wrong_secrets = None
            self._take(config, sources)
            _log.info(
                "configuration loaded: %d %s", len(config.probes), "probe" if len(config.probes) == 1 else "probes"
            )
            self._secrets = sources.secrets_seen()
        self._documents = sources.documents_seen()
        self._end()

    async def renew_secrets(self) -> None:
        """Read the secrets of the running configuration again, and nothing else.

        A file that cannot be read, or is empty, is probably being replaced: the secret that it held goes on.
        """
        async with self._turn:
            sources = self._live.with_fresh_secrets()
            try:
                config = await asyncio.to_thread(self._load, sources)
            except (ConfigErrors, OSError) as errors:
                self._wrong_secrets = self._redactor(str(errors))
                _log.error("the secrets were not taken over, those before go on:\n%s", self._wrong_secrets)
            else:
                self._wrong_secrets = self._kept(sources)
                self._take(config, sources)
                _log.info("secrets read again")
                if self._wrong_secrets is not None:
                    _log.warning("%s", self._wrong_secrets)
            self._secrets = Watched(contents={**self._secrets.contents, **sources.secrets_seen().contents}, listings={})
            self._end()

    def _take(self, config: Config, sources: Sources) -> None:
        self._live = sources
        self._apply(config)

    def _kept(self, sources: Sources) -> str | None:
        """What to say of secrets whose files are unusable; None if all are well."""
        lines = [f"{path} cannot be read, or is empty: the secret that it held goes on" for path in sources.kept]
        return self._redactor("\n".join(lines)) or None
