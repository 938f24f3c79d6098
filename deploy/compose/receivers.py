#!/usr/bin/env python3
"""Stands in for those whom Alertmanager's sample configuration would wake: says who is told what, a line an alert."""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = 9099


class Receiver(BaseHTTPRequestHandler):
    """The last part of the path is the receiver's name."""

    def do_GET(self) -> None:
        """Say that somebody is here."""
        self._answer()

    def do_POST(self) -> None:
        """Take a notification."""
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = self.path.rpartition("/")[2]
        for alert in told["alerts"]:
            summary = alert["annotations"].get("summary", "")
            sys.stdout.write(f"{name:17} {alert['status']:9} {alert['labels']['alertname']:28} {summary}\n")
        sys.stdout.flush()
        self._answer()

    def _answer(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """What matters is said above."""


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else PORT
    with ThreadingHTTPServer(("127.0.0.1", port), Receiver) as server:
        server.serve_forever()
