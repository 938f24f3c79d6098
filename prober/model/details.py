"""The closed set of details: the finer reason inside an error class, without the class's name in front."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DETAILS"]

DETAILS: Mapping[str, str] = MappingProxyType(
    {
        # resolve
        "nxdomain": "the name does not exist",
        "nodata": "the name exists, and has no address of the wanted family",
        "servfail": "the name server failed or refused",
        # connect
        "refused": "nothing listens at that address and port",
        "unreachable": "no route to the address",
        "timeout": "no answer within the deadline of the phase",
        "other": "a reason that no rule names",
        # tls
        "expired": "the certificate is past its end",
        "not_yet_valid": "the certificate is before its begin",
        "hostname": "the certificate is for another name",
        "untrusted": "the certificate's issuer is not trusted",
        "client_cert_required": "the server wants a client certificate",
        "protocol": "what came is not the agreed protocol",
        "handshake_timeout": "the handshake did not end in time",
        # http
        "reset": "the peer reset the connection",
        "closed": "the peer closed the connection before it answered",
        "header_timeout": "no complete status and headers in time",
        "body": "the body did not end in time",
        "total": "the whole run did not end in time while content still flowed",
        "first_token": "no content within the deadline of the first token",
        "idle": "no content for longer than the idle deadline",
        "headers_too_large": "a header line or all headers exceed their bound",
        "informational_flood": "too many informational (1xx) responses",
        "too_large": "the body exceeds its bound",
        "bad_encoding": "a chunk or the content encoding is broken",
        "body_truncated": "the body is shorter than announced",
        "redirect_loop": "too many redirects, or one that leads in a circle",
        "redirect_blocked": "a redirect to where this probe must not go",
        "not_json": "JSON was expected and something else came",
        "html": "an HTML page came where an API answer was expected",
        "status": "a status that no rule explains",
        "not_found": "the path or resource is not there",
        "internal": "the service reports an error of its own",
        "unavailable": "the service says that it is not available now",
        "conflict": "the service says that another change is in its way",
        "service_timeout": "the service gave up on its own answer",
        "cancelled": "the service cancelled the work",
        # streams
        "not_streamed": "a whole answer came although a stream was asked for",
        "no_terminator": "the stream ended without its end marker",
        "invalid_event": "a stream event is not what the protocol allows",
        "too_many_events": "more stream events than the bound",
        "lone_done": "only the end marker came",
        "no_text": "complete, without visible text",
        "length": "the limit of output tokens was reached",
        "output_limit": "the limit of output tokens is below what the model needs",
        "refusal": "the model refused",
        "prompt": "the prompt was held back by a filter",
        "output": "the answer was held back by a filter",
        "error_event": "an error came inside a stream of status 200",
        "missing_field": "a required field is missing",
        # expectations
        "expectation": "a check of `expect` was missed",
        "nonce": "the answer does not hold the fresh nonce: a replay or a stub",
        "served_model": "another model answered than was asked for",
        "cached": "the answer came from a response cache",
        # sign-in and pages
        "page_error": "the sign-in page itself failed",
        "page_changed": "the form or field that is filled in is not there",
        "sign_in_error": "the sign-in service failed after the form was sent",
        "not_signed_in": "the sign-in looked fine, and we are nobody",
        "csrf": "the form's token was refused",
        "bad_credentials": "user or password was refused",
        "locked_out": "the account is locked after too many attempts",
        "mfa_required": "a second factor is wanted and none was given",
        "mfa_rejected": "the second factor was refused",
        "oauth_config": "the OAuth client or request is misconfigured",
        "asset_broken": "an asset of the page does not load",
        "asset_wrong_type": "an asset is not of its type, as HTML for a script",
        "asset_empty": "an asset has no content",
        "blank": "the page painted nothing",
        "script_error": "a script of the page threw an exception",
        "request_failed": "a request of the page failed",
        # providers
        "challenge": "a challenge page stands in front",
        "waf": "a firewall rule blocks our client or address",
        "region": "not offered where we probe from",
        "ip": "our address is not on the allowlist",
        "permission": "this key may not do that",
        "forbidden": "the service refuses us, and does not say why",
        "on_hold": "the account is on hold",
        "encryption_key": "our own encryption key is out of the service's reach",
        "unauthorized": "the service wants valid credentials",
        "invalid_key": "the key is not valid",
        "billing": "no credit, or billing is off",
        "spend_limit": "a spend limit that we set ourselves is reached",
        "usage_limit": "the usage limit of the account or contract is reached",
        "daily_quota": "the daily allowance is used up",
        "rate_limit": "more requests or tokens than the limit allows",
        "ramp": "our traffic rose too fast",
        "edge_rule": "a rate rule of the site's edge",
        "capacity": "no capacity for this model now",
        "loading": "the model is still being loaded",
        "model": "the model or deployment is not there",
        "parameter": "a parameter of the request was refused",
        "invalid_request": "the request as a whole was refused",
        "request_too_large": "the request is larger than the service takes",
        "not_supported": "the service does not offer what was asked",
        "edge": "the edge could not get an answer from its origin",
        "edge_read_timeout": "the edge waited too long for its origin",
        "provider": "the gateway's provider failed",
        # ours
        "deadline": "the run's deadline passed",
        "proxy": "our own proxy failed",
        "fd_exhausted": "no file descriptors left",
        "memory": "no memory left",
        "local_address": "no local address or port to connect from",
        "not_permitted": "our own host does not permit it",
        "overload": "our event loop was busy: the measurement is void",
        "bug": "an exception nobody expected",
        "config": "the configuration names something that is not there",
        "variable": "a variable is not set",
        "browser": "the browser of this host did not start, or did not last",
    }
)
"""Every detail and what it means. The docs list them from here."""
