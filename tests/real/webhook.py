"""A receiver of Alertmanager's notifications, which remembers each of them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

__all__ = ["Told", "Webhook", "listening"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One alert in one notification: when it came, to whom, whether it fires, and what it says."""

    at: float
    receiver: str
    firing: bool
    labels: Mapping[str, str]
    annotations: Mapping[str, str]


@dataclass(slots=True)
class Webhook:
    """All that was told, in its order."""

    url: str
    told: list[Told] = field(default_factory=list)

    def first(self, name: str, *, firing: bool, since: float, **labels: str) -> Told | None:
        """The first time since then that an alert of this name and labels fired, or was resolved."""
        wanted = {"alertname": name, **labels}.items()
        matches = (one for one in tuple(self.told) if one.firing is firing and one.at >= since)
        return next((one for one in matches if wanted <= one.labels.items()), None)


@contextmanager
def listening() -> Iterator[Webhook]:
    """A receiver at a free port; the last part of the path names whom Alertmanager means."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            document = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            now = time.monotonic()
            webhook.told += [
                Told(
                    at=now,
                    receiver=self.path.rpartition("/")[2],
                    firing=alert["status"] == "firing",
                    labels=alert["labels"],
                    annotations=alert["annotations"],
                )
                for alert in document["alerts"]
            ]
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        webhook = Webhook(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield webhook
        finally:
            server.shutdown()
            thread.join()
