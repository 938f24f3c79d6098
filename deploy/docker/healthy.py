#!/usr/bin/env python3
"""Whether a URL is answered with success: exit status 0 or 1. The image has no curl, and needs none."""

from __future__ import annotations

import sys
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

HEALTHY = "http://127.0.0.1:9813/-/healthy"
SECONDS = 5


def answers(url: str) -> bool:
    """Whether the answer is below 400; never through a proxy. ``SSL_CERT_FILE`` names authorities of one's own.

    Where a password is asked for, being asked is a sign of life too: there is none to be had in an image.
    """
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=SECONDS):
            return True
    except HTTPError as error:
        return error.code == 401
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(0 if answers(sys.argv[1] if len(sys.argv) > 1 else HEALTHY) else 1)
