"""Why a prober cannot begin."""

from __future__ import annotations

import os

from prober.web.server import authority

__all__ = ["StartError", "listen_error"]


class StartError(Exception):
    """Why the process could not begin, in one line for the operator."""


def listen_error(host: str, port: int, error: OSError) -> StartError:
    """Why nothing can be served there."""
    known = error.errno is not None and error.errno > 0
    reason = os.strerror(error.errno or 0).lower() if known else error.strerror or str(error)
    return StartError(f"cannot listen on {authority(host, port)}: {reason}")
