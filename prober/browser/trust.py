"""Certificates of authorities that the configuration trusts and the browser does not know."""

from __future__ import annotations

import asyncio
import socket
import ssl
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from prober.browser.net_errors import net_failure
from prober.classify import failure_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from prober.browser.record import Record
    from prober.model.browser import Tab
    from prober.model.errors import ProbeFailure

__all__ = ["vouch"]

_UNKNOWN_AUTHORITY = "ERR_CERT_AUTHORITY_INVALID"
_HANDSHAKE_SECONDS = 5.0


def vouch(tab: Tab, context: ssl.SSLContext, record: Record) -> None:
    """Have the browser accept a certificate whose authority it does not know, if ``context`` does.

    A browser has its own list of authorities, and no flag that adds to it. So its question about a certificate is
    answered by a handshake of our own with the same server. Any other mistake of a certificate stays one, and the
    record has it, since a navigation that is refused here merely ends.
    """
    loop = asyncio.get_running_loop()

    def say(event: Mapping[str, Any], refusal: ProbeFailure | None) -> None:
        record.refusal = refusal or record.refusal
        action = "continue" if refusal is None else "cancel"
        tab.tell("Security.handleCertificateError", eventId=event["eventId"], action=action)

    def answer(event: Mapping[str, Any]) -> None:
        refusal = net_failure(event["errorType"])
        if event["errorType"] != _UNKNOWN_AUTHORITY:
            say(event, refusal)
            return
        checking = loop.run_in_executor(None, _refusal, event["requestURL"], context)
        checking.add_done_callback(lambda checked: say(event, refusal if checked.cancelled() else checked.result()))

    tab.hear("Security.certificateError", answer)


def _refusal(url: str, context: ssl.SSLContext) -> ProbeFailure | None:
    """Why the server's certificate is not valid to us either, or None. Blocks; for a thread."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        with (
            socket.create_connection((host, parts.port or 443), _HANDSHAKE_SECONDS) as sock,
            context.wrap_socket(sock, server_hostname=host),
        ):
            return None
    except ssl.SSLCertVerificationError as error:
        return failure_of(error, "tls")
    except OSError:
        return net_failure(_UNKNOWN_AUTHORITY)
