"""The browser of the tests: the real one, which reaches nothing but this host, and programs that pretend to be one."""

from __future__ import annotations

import os
import sys
from pathlib import Path

__all__ = ["ENVIRONMENT", "LOCAL_ONLY", "impostor", "of_session"]

LOCAL_ONLY = (
    "--no-proxy-server --host-resolver-rules='MAP elsewhere.test 127.0.0.2 , MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , "
    "EXCLUDE 127.0.0.2 , EXCLUDE localhost'"
)
ENVIRONMENT = {**os.environ, "PROBER_CHROMIUM_ARGS": LOCAL_ONLY}
"""Where a browser is looked for, and the flags that keep it from the internet."""


def impostor(folder: Path, body: str) -> dict[str, str]:
    """An environment whose browser is this Python script instead."""
    program = folder / "browser"
    program.write_text(f"#!{sys.executable}\nimport json, os, sys, time\n{body}\n")
    program.chmod(0o755)
    return {**ENVIRONMENT, "PROBER_CHROMIUM": str(program)}


def of_session(session: int) -> list[str]:
    """The states of the processes of a session, zombies included."""
    states = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session:
            states.append(fields[0])
    return states
