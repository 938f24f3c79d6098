"""The zoo from outside: started in a process of its own, so that its work never holds up the loop that is tested."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

__all__ = ["Zoo", "open_zoo"]

_CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Zoo:
    """Where each behaviour listens. ``folder`` holds ca.pem and client.pem."""

    folder: Path
    ports: Mapping[str, int]

    def url(self, name: str, path: str = "/", *, host: str = "127.0.0.1", scheme: str | None = None) -> str:
        """A URL of a behaviour; https for those whose name begins with ``tls``."""
        scheme = scheme or ("https" if name.startswith("tls") else "http")
        return f"{scheme}://{host}:{self.ports[name]}{path}"

    def redirect(self, to: str, *, through: str = "redirect") -> str:
        """A URL that redirects to another one, as all paths below it do."""
        return self.url(through, f"/to/{quote(to, safe='')}")

    @property
    def name_server(self) -> str:
        """Address and port of the name server."""
        return f"127.0.0.1:{self.ports['dns']}"

    def elsewhere(self) -> str:
        """All that the recorder at 127.0.0.2 was ever sent."""
        path = self.folder / "elsewhere"
        return path.read_text() if path.exists() else ""


@contextmanager
def open_zoo() -> Iterator[Zoo]:
    """A running zoo."""
    env = {**os.environ, "PYTHONPATH": str(_CHECKOUT)}
    env.pop("PYTHONSAFEPATH", None)
    with subprocess.Popen(
        [sys.executable, "-m", "tests.target"], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            said = json.loads(process.stdout.readline())
            yield Zoo(folder=Path(said["folder"]), ports=said["ports"])
        finally:
            process.stdin.close()
            process.wait(10)
