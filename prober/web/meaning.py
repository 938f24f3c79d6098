"""What states, classes and faults mean, in the words of the status page."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from prober.model.errors import ErrorClass, Fault
from prober.sinks.state_rules import State

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BLINDED_BY", "CLASS_MEANING", "CLASS_REMEDY", "FAULT_MEANING", "LOCAL_REMEDY", "SKIP_MEANING", "TROUBLE"]

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

LOCAL_REMEDY = "look at the network here: none of the targets of `connectivity` answers"
"""What to do instead where the fault is local."""

CLASS_REMEDY: Mapping[ErrorClass, str] = MappingProxyType(
    {
        ErrorClass.DNS_ERROR: "ask another resolver: the name is wrong, or the name servers are in trouble",
        ErrorClass.CONNECT_REFUSED: "check the port; if it is right, tell the service",
        ErrorClass.CONNECT_TIMEOUT: "probe from another location; if that works, look at the network between",
        ErrorClass.TLS_ERROR: "tell the service; for an authority of your own give `tls: {ca_file: ...}`",
        ErrorClass.CONNECTION_RESET: "compare locations and other probes; look at load balancers and firewalls",
        ErrorClass.RESPONSE_TIMEOUT: "tell the service; raise the limit if it is as slow on good days",
        ErrorClass.STREAM_STALLED: "tell the service, with the request id",
        ErrorClass.STREAM_TRUNCATED: "look for a proxy with a time limit; else tell the service",
        ErrorClass.BOT_CHALLENGE: "have the probe let through, or expect the wall: it proves the edge only",
        ErrorClass.ACCESS_DENIED: "check region, allowlists and what the key may do",
        ErrorClass.RATE_LIMITED: "probe less often, or give the probe a key of its own",
        ErrorClass.MODEL_MISSING: "take a model that is on the vendor's list: they retire often",
        ErrorClass.OUTPUT_TRUNCATED: "raise `max_tokens`, or turn reasoning down",
        ErrorClass.SERVER_ERROR: "tell the service, with the request id",
        ErrorClass.UPSTREAM_ERROR: "look at the provider behind the gateway or edge",
        ErrorClass.OVERLOADED: "wait, or move load to another provider",
        ErrorClass.UNEXPECTED_RESPONSE: "read the message, then look at the same URL with `curl -v`",
        ErrorClass.CONTENT_MISMATCH: "decide whether the service or the expectation is wrong",
        ErrorClass.EMPTY_RESPONSE: "tell the service, with the request id",
        ErrorClass.JOB_FAILED: "tell the service, with the request id",
        ErrorClass.JOB_TIMEOUT: "see how far it came; tell the service, or raise the timeout",
        ErrorClass.AUTH_REJECTED: "renew the key or the password",
        ErrorClass.QUOTA_EXHAUSTED: "pay, raise the limit, or wait for the next period",
        ErrorClass.REQUEST_REJECTED: "correct the probe: the message says what it refuses",
        ErrorClass.CONTENT_FILTERED: "take a more harmless prompt",
        ErrorClass.PROBER_ERROR: "look at prober's own host, proxy and log",
    }
)
"""What to do about it."""

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
