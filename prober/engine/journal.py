"""What the process has to say beside results: records of Python's logging, and asyncio's complaints, as JSON lines."""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from prober.engine.trace import trace

if TYPE_CHECKING:
    from prober.model.secret import Redactor

__all__ = ["JsonLines", "Pen", "write_journal"]


class JsonLines(logging.Formatter):
    """Every record as one JSON object on one line, redacted, with the level and time of the lines of runs."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        text = self._redactor(record.getMessage())
        if record.exc_info is not None and record.exc_info[1] is not None:
            text = f"{text}\n{trace(record.exc_info[1], self._redactor)}"
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = {"level": record.levelname.lower(), "time": time, "message": text}
        return json.dumps(line, separators=(",", ":"))


class Pen(Protocol):
    """Writes text somewhere."""

    def write(self, text: str, /) -> object:
        """Write it."""


def write_journal(stream: Pen, redactor: Redactor) -> None:
    """Send Python's logging there, and what the running loop complains of.

    The loop's own way of complaining shows the repr of tasks, and with it requests and their headers.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines(redactor))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)

    def complain(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        where = f"\n{trace(error, redactor)}" if isinstance(error, BaseException) else ""
        logging.getLogger("asyncio").error("%s%s", context.get("message"), where)

    asyncio.get_running_loop().set_exception_handler(complain)
