#!/usr/bin/env python3
"""Whether a URL is answered with success: exit status 0 or 1. The image has no curl, and needs none.

Where prober asks for client certificates, ``PROBER_HEALTH_CERTIFICATE`` names a PEM file with one and its key.
"""

from __future__ import annotations

import os
import ssl
import sys
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import HTTPSHandler, ProxyHandler, build_opener

HEALTHY = "http://127.0.0.1:9813/-/healthy"
SECONDS = 2.5
"""Twice that is what Docker waits for: it is asked without TLS, and with it."""


def answers(url: str) -> bool:
    """Whether the answer is below 400; never through a proxy.

    Who answers is not in question at our own loopback address, so no certificate is verified. Where a password is asked
    for, being asked is a sign of life too: there is none to be had in an image.
    """
    anybody = ssl.create_default_context()
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    try:
        if ours := os.environ.get("PROBER_HEALTH_CERTIFICATE"):
            anybody.load_cert_chain(ours)
        with build_opener(ProxyHandler({}), HTTPSHandler(context=anybody)).open(url, timeout=SECONDS):
            return True
    except HTTPError as error:
        return error.code == 401
    except (OSError, HTTPException):
        return False


if __name__ == "__main__":
    asked = sys.argv[1] if len(sys.argv) > 1 else HEALTHY
    sys.exit(0 if answers(asked) or answers(asked.replace("http://", "https://", 1)) else 1)
