"""What states, classes and faults mean, in the words of the status page."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from prober.model.errors import ErrorClass, Fault
from prober.sinks.state_rules import State

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BLINDED_BY", "CLASS_MEANING", "FAULT_MEANING", "SKIP_MEANING", "TROUBLE"]

TROUBLE: Mapping[State, str] = MappingProxyType(
    {
        State.DOWN: "outage",
        State.PARTIAL: "partial outage",
        State.DEGRADED: "degraded",
        State.UNKNOWN: "unknown",
        State.UP: "works",
    }
)
"""What to call it when a service is in that state."""

FAULT_MEANING: Mapping[Fault, str] = MappingProxyType(
    {
        Fault.TARGET: "theirs",
        Fault.NETWORK: "on the way",
        Fault.UNKNOWN: "not clear whose",
        Fault.US: "ours",
        Fault.LOCAL: "our own network",
    }
)

CLASS_MEANING: Mapping[ErrorClass, str] = MappingProxyType(
    {
        ErrorClass.DNS_ERROR: "the name did not resolve",
        ErrorClass.CONNECT_REFUSED: "the address answered, and said no",
        ErrorClass.CONNECT_TIMEOUT: "the address did not answer",
        ErrorClass.TLS_ERROR: "no secure channel, or its certificate is not valid",
        ErrorClass.CONNECTION_RESET: "the connection was closed under the request",
        ErrorClass.RESPONSE_TIMEOUT: "the answer did not come in time",
        ErrorClass.STREAM_STALLED: "the answer stopped flowing",
        ErrorClass.STREAM_TRUNCATED: "the answer ended before its end",
        ErrorClass.BOT_CHALLENGE: "a wall asked whether we are a person",
        ErrorClass.ACCESS_DENIED: "we are known and not allowed",
        ErrorClass.RATE_LIMITED: "we asked too often",
        ErrorClass.MODEL_MISSING: "the model we named is not there",
        ErrorClass.OUTPUT_TRUNCATED: "our limit of output tokens was too small",
        ErrorClass.SERVER_ERROR: "the service said it failed",
        ErrorClass.UPSTREAM_ERROR: "the service said a supplier of its own failed",
        ErrorClass.OVERLOADED: "the service said it has no capacity",
        ErrorClass.UNEXPECTED_RESPONSE: "the answer was not of the agreed form",
        ErrorClass.CONTENT_MISMATCH: "the answer was not what was expected",
        ErrorClass.EMPTY_RESPONSE: "the answer had nothing in it",
        ErrorClass.JOB_FAILED: "the job ended in failure",
        ErrorClass.JOB_TIMEOUT: "the job did not end in time",
        ErrorClass.AUTH_REJECTED: "our key, password or code was refused",
        ErrorClass.QUOTA_EXHAUSTED: "our money or allowance is used up",
        ErrorClass.REQUEST_REJECTED: "the service says that our request is wrong",
        ErrorClass.CONTENT_FILTERED: "a safety filter held the answer back",
        ErrorClass.PROBER_ERROR: "we could not measure",
    }
)

BLINDED_BY: Mapping[ErrorClass, str] = MappingProxyType(
    {
        ErrorClass.AUTH_REJECTED: "our own key or password is refused",
        ErrorClass.QUOTA_EXHAUSTED: "our own quota is used up",
        ErrorClass.RATE_LIMITED: "we are rate limited",
        ErrorClass.ACCESS_DENIED: "we are not allowed in",
        ErrorClass.MODEL_MISSING: "the model we ask for is not there",
        ErrorClass.PROBER_ERROR: "prober itself could not measure",
    }
)
"""Why a probe sees nothing; other classes by their meaning."""

SKIP_MEANING: Mapping[str, str] = MappingProxyType(
    {
        "budget": "its budget for today is spent",
        "breaker": "sign-in is held back, its password was refused",
        "disabled": "it is disabled",
        "overrun": "the run before had not ended",
        "overload": "prober had too much to do",
    }
)
"""Why a run that was due did not take place."""
