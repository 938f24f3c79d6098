"""A traceback without secrets: formatted the usual way, an error of aiohttp shows the headers of its request."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

from prober.engine.text import clean

if TYPE_CHECKING:
    from prober.model.secret import Redactor

__all__ = ["trace"]

_CAUSES = 5


def trace(error: BaseException, redactor: Redactor) -> str:
    """Where the exception came from and what it said, with those that caused it; redacted."""
    lines: list[str] = []
    cause: BaseException | None = error
    for _ in range(_CAUSES):
        if cause is None:
            break
        lines += [line.rstrip() for line in traceback.format_list(traceback.extract_tb(cause.__traceback__))]
        lines.append(f"{type(cause).__module__}.{type(cause).__qualname__}: {clean(str(cause), redactor)}")
        cause = cause.__cause__ or cause.__context__
    return redactor("\n".join(lines))
