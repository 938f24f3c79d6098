"""Why a run failed: the closed set of error classes, whose fault each one is, and the exception that carries one.

dns_error            the name did not resolve
connect_refused      the address answered, and said no
connect_timeout      the address did not answer, or could not be reached
tls_error            the secure channel was not agreed, or its certificate is not valid
connection_reset     the connection was closed under the request
response_timeout     the answer, or its first content, did not come in time
stream_stalled       content stopped flowing while the stream stayed open
stream_truncated     the answer ended before its end marker
bot_challenge        a wall asked whether we are a person
access_denied        we are known and not allowed: region, address, permission
rate_limited         we asked too often
model_missing        the model or deployment we named is not there (any more)
output_truncated     our limit of output tokens was too small for an answer
server_error         the service said it failed
upstream_error       the service said a supplier of its own failed
overloaded           the service said it has no capacity now
unexpected_response  the answer was not of the agreed form
content_mismatch     the answer was well formed, and not what was expected
empty_response       the answer was complete, and had nothing in it
job_failed           the job ended in failure
job_timeout          the job did not end in time
auth_rejected        our key, password or code was refused
quota_exhausted      our money or daily allowance is used up
request_rejected     the service says that our request is wrong
content_filtered     a safety filter held the answer back
prober_error         we could not measure: our configuration, our host, our bug
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FAULTS", "ErrorClass", "Fault", "ProbeFailure", "fault_of"]


class ErrorClass(StrEnum):
    """Why a run failed. Closed: a new member is a change of the public contract."""

    DNS_ERROR = "dns_error"
    CONNECT_REFUSED = "connect_refused"
    CONNECT_TIMEOUT = "connect_timeout"
    TLS_ERROR = "tls_error"
    CONNECTION_RESET = "connection_reset"
    RESPONSE_TIMEOUT = "response_timeout"
    STREAM_STALLED = "stream_stalled"
    STREAM_TRUNCATED = "stream_truncated"
    BOT_CHALLENGE = "bot_challenge"
    ACCESS_DENIED = "access_denied"
    RATE_LIMITED = "rate_limited"
    MODEL_MISSING = "model_missing"
    OUTPUT_TRUNCATED = "output_truncated"
    SERVER_ERROR = "server_error"
    UPSTREAM_ERROR = "upstream_error"
    OVERLOADED = "overloaded"
    UNEXPECTED_RESPONSE = "unexpected_response"
    CONTENT_MISMATCH = "content_mismatch"
    EMPTY_RESPONSE = "empty_response"
    JOB_FAILED = "job_failed"
    JOB_TIMEOUT = "job_timeout"
    AUTH_REJECTED = "auth_rejected"
    QUOTA_EXHAUSTED = "quota_exhausted"
    REQUEST_REJECTED = "request_rejected"
    CONTENT_FILTERED = "content_filtered"
    PROBER_ERROR = "prober_error"


class Fault(StrEnum):
    """Whose trouble a failure is. ``local`` replaces ``network`` while our own connectivity check fails."""

    TARGET = "target"
    NETWORK = "network"
    UNKNOWN = "unknown"
    US = "us"
    LOCAL = "local"


FAULTS: Mapping[ErrorClass, Fault] = MappingProxyType(
    {
        ErrorClass.DNS_ERROR: Fault.NETWORK,
        ErrorClass.CONNECT_REFUSED: Fault.TARGET,
        ErrorClass.CONNECT_TIMEOUT: Fault.NETWORK,
        ErrorClass.TLS_ERROR: Fault.TARGET,
        ErrorClass.CONNECTION_RESET: Fault.UNKNOWN,
        ErrorClass.RESPONSE_TIMEOUT: Fault.TARGET,
        ErrorClass.STREAM_STALLED: Fault.TARGET,
        ErrorClass.STREAM_TRUNCATED: Fault.UNKNOWN,
        ErrorClass.BOT_CHALLENGE: Fault.UNKNOWN,
        ErrorClass.ACCESS_DENIED: Fault.US,
        ErrorClass.RATE_LIMITED: Fault.US,
        ErrorClass.MODEL_MISSING: Fault.US,
        ErrorClass.OUTPUT_TRUNCATED: Fault.US,
        ErrorClass.SERVER_ERROR: Fault.TARGET,
        ErrorClass.UPSTREAM_ERROR: Fault.TARGET,
        ErrorClass.OVERLOADED: Fault.TARGET,
        ErrorClass.UNEXPECTED_RESPONSE: Fault.TARGET,
        ErrorClass.CONTENT_MISMATCH: Fault.TARGET,
        ErrorClass.EMPTY_RESPONSE: Fault.TARGET,
        ErrorClass.JOB_FAILED: Fault.TARGET,
        ErrorClass.JOB_TIMEOUT: Fault.TARGET,
        ErrorClass.AUTH_REJECTED: Fault.US,
        ErrorClass.QUOTA_EXHAUSTED: Fault.US,
        ErrorClass.REQUEST_REJECTED: Fault.US,
        ErrorClass.CONTENT_FILTERED: Fault.US,
        ErrorClass.PROBER_ERROR: Fault.US,
    }
)
"""The fault of each class (design, section 4)."""


def fault_of(error_class: ErrorClass, *, connected: bool) -> Fault:
    """Whose fault a failure of this class is; ``connected`` is false while our own connectivity check fails."""
    fault = FAULTS[error_class]
    return Fault.LOCAL if fault is Fault.NETWORK and not connected else fault


class ProbeFailure(Exception):
    """A run that did not succeed, raised by a probe where it sees why.

    ``detail`` is a member of :data:`prober.model.details.DETAILS`, or None. ``message`` says what was seen and what was
    expected, for a person; it is redacted and cut before anybody reads it. ``phase`` overrides the phase that was open.
    """

    def __init__(
        self,
        error_class: ErrorClass,
        message: str,
        *,
        detail: str | None = None,
        phase: str | None = None,
    ) -> None:
        super().__init__(message)
        self.error_class = error_class
        self.message = message
        self.detail = detail
        self.phase = phase
