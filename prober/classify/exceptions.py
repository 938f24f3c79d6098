"""Why an exception ended a run: one table by type, searched along the exception's ancestors."""

from __future__ import annotations

import asyncio
import errno
import json
import socket
import ssl
import zlib
from types import MappingProxyType
from typing import TYPE_CHECKING

from aiodns.error import DNSError
from aiohttp import client_exceptions, http_exceptions

from prober.classify.resolution import ares_name, ares_rule, gai_rule
from prober.classify.secure import certificate_rule, reason_in, secure_rule
from prober.classify.sockets import CLOSED, closed_rule, lost_rule, number_of, os_rule, timeout_rule
from prober.classify.verdict import Rule, printable
from prober.model.details import DETAILS
from prober.model.errors import ErrorClass, ProbeFailure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["EVIDENCE", "failure_of"]

_BUG = Rule(ErrorClass.PROBER_ERROR, "bug")
_PROXY = Rule(ErrorClass.PROBER_ERROR, "proxy")
_CONFIG = Rule(ErrorClass.PROBER_ERROR, "config")
_MEMORY = Rule(ErrorClass.PROBER_ERROR, "memory")
_PROTOCOL = Rule(ErrorClass.UNEXPECTED_RESPONSE, "protocol")
_BAD_ENCODING = Rule(ErrorClass.UNEXPECTED_RESPONSE, "bad_encoding")
_HEADERS = Rule(ErrorClass.UNEXPECTED_RESPONSE, "headers_too_large")
_TOO_LARGE = Rule(ErrorClass.UNEXPECTED_RESPONSE, "too_large")
_NOT_JSON = Rule(ErrorClass.UNEXPECTED_RESPONSE, "not_json")
_SHORT = Rule(ErrorClass.STREAM_TRUNCATED, "body_truncated")

_AFTER_HEAD = frozenset({"transfer", "first_token", "stream"})
_NOT_ENOUGH = "Not enough data"  # aiohttp's words for a body that ends early
_HANDLER_CLOSED = "handler is closed"  # uvloop's words, in a RuntimeError, for writing to a lost connection


def _message_rule(error: BaseException, phase: str | None) -> Rule:
    """A message that is not HTTP: in the head a broken protocol, in the body a broken chunk."""
    if "Too many headers" in str(error):
        return _HEADERS
    return _BAD_ENCODING if phase in _AFTER_HEAD else _PROTOCOL


def _line_rule(_error: BaseException, phase: str | None) -> Rule:
    return _BAD_ENCODING if phase in _AFTER_HEAD else _HEADERS


def _payload_rule(error: BaseException, _phase: str | None) -> Rule:
    return _SHORT if _NOT_ENOUGH in str(error) else _BAD_ENCODING


def _runtime_rule(error: RuntimeError, phase: str | None) -> Rule:
    """Where asyncio raises OSError, uvloop raises RuntimeError."""
    if _HANDLER_CLOSED in str(error):
        return closed_rule(phase)
    number = number_of(error)
    return _BUG if number is None else os_rule(OSError(number, ""), phase)


def _always(rule: Rule) -> Callable[[BaseException, str | None], Rule]:
    return lambda _error, _phase: rule


_client, _http = client_exceptions, http_exceptions

_TYPES: Mapping[type[BaseException], Callable[..., Rule]] = MappingProxyType(
    {
        # the standard library
        ssl.SSLCertVerificationError: lambda error, _: certificate_rule(error),
        ssl.SSLEOFError: lambda _, phase: closed_rule(phase),
        ssl.SSLZeroReturnError: lambda _, phase: closed_rule(phase),
        ssl.SSLSyscallError: lambda _, phase: closed_rule(phase),
        ssl.SSLError: lambda error, _: secure_rule(error),
        socket.gaierror: lambda error, _: gai_rule(error),
        TimeoutError: lambda _, phase: timeout_rule(phase),
        ConnectionError: lost_rule,
        OSError: os_rule,
        EOFError: lambda _, phase: closed_rule(phase),
        asyncio.LimitOverrunError: _line_rule,
        zlib.error: _always(_BAD_ENCODING),
        json.JSONDecodeError: _always(_NOT_JSON),
        MemoryError: _always(_MEMORY),
        RuntimeError: _runtime_rule,
        DNSError: lambda error, _: ares_rule(error),
        # aiohttp's parser
        _http.HttpProcessingError: _message_rule,
        _http.LineTooLong: _line_rule,
        _http.PayloadEncodingError: _payload_rule,
        _http.ContentLengthError: _always(_SHORT),
        _http.DecompressSizeError: _always(_TOO_LARGE),
        # aiohttp's client; those that wrap another exception are unwrapped first
        _client.ClientError: _always(_BUG),
        _client.ClientConnectionError: _always(CLOSED),
        _client.ClientConnectionResetError: lost_rule,
        _client.ClientOSError: os_rule,
        _client.ClientProxyConnectionError: _always(_PROXY),
        _client.ClientHttpProxyError: _always(_PROXY),
        _client.ServerDisconnectedError: lambda _, phase: closed_rule(phase),
        _client.ServerTimeoutError: lambda _, phase: timeout_rule(phase),
        _client.ConnectionTimeoutError: lambda _, phase: timeout_rule(phase or "connect"),
        _client.SocketTimeoutError: lambda _, phase: timeout_rule(phase or "processing"),
        _client.ServerFingerprintMismatch: _always(Rule(ErrorClass.TLS_ERROR, "untrusted")),
        _client.ClientPayloadError: _always(_SHORT),
        _client.UploadAbortedError: _always(CLOSED),
        _client.ClientResponseError: _always(_PROTOCOL),  # its status 400 is the parser's, not the server's
        _client.ContentTypeError: _always(_NOT_JSON),
        _client.TooManyRedirects: _always(Rule(ErrorClass.UNEXPECTED_RESPONSE, "redirect_loop")),
        _client.RedirectClientError: _always(Rule(ErrorClass.UNEXPECTED_RESPONSE, "redirect_blocked")),
        _client.InvalidUrlRedirectClientError: _always(Rule(ErrorClass.UNEXPECTED_RESPONSE, "redirect_blocked")),
        _client.NonHttpUrlRedirectClientError: _always(Rule(ErrorClass.UNEXPECTED_RESPONSE, "redirect_blocked")),
        _client.InvalidURL: _always(_CONFIG),
        _client.NonHttpUrlClientError: _always(_CONFIG),
        _client.WSMessageTypeError: _always(_BUG),
    }
)

_NAMES: Mapping[str, Callable[..., Rule]] = MappingProxyType(
    dict.fromkeys(
        (
            *("brotli.error", "_brotli.error", "brotlicffi._api.error"),
            *("zstandard.ZstdError", "zstandard.backend_c.ZstdError", "backports.zstd.ZstdError"),
            *("compression.zstd.ZstdError", "_zstd.ZstdError"),
        ),
        _always(_BAD_ENCODING),
    )
)
"""Decoders that may be installed and need not be."""

EVIDENCE: tuple[type[BaseException], ...] = tuple(
    kind for kind in _TYPES if kind not in {RuntimeError, MemoryError, _client.WSMessageTypeError}
)
"""The types that say something about the exchange, rather than about us."""

_TELLING = (
    *(ErrorClass.CONNECT_REFUSED, ErrorClass.TLS_ERROR, ErrorClass.CONNECTION_RESET, ErrorClass.RESPONSE_TIMEOUT),
    *(ErrorClass.CONNECT_TIMEOUT, ErrorClass.DNS_ERROR, ErrorClass.PROBER_ERROR),
)
"""Of several addresses' errors, the one that says most: a refusal proves that somebody is there."""


def failure_of(exc: BaseException, phase: str | None) -> ProbeFailure:
    """The failure that an exception in a phase means; what no row is about is our own bug."""
    if isinstance(exc, ProbeFailure):
        return exc
    if isinstance(exc, BaseExceptionGroup):
        return min((failure_of(one, phase) for one in exc.exceptions), key=_rank)
    error = _unwrapped(exc)
    if error is not exc:
        return failure_of(error, phase)
    rule = _rule_of(error, phase)
    return ProbeFailure(rule.error_class, _message(error, rule), detail=rule.detail, phase=phase)


def _rank(failure: ProbeFailure) -> int:
    """First what a probe said itself and what is our bug, then what tells most."""
    if failure.detail == "bug" or failure.error_class not in _TELLING:
        return -1
    return _TELLING.index(failure.error_class)


def _unwrapped(error: BaseException) -> BaseException:
    """The exception inside aiohttp's own: the system's or OpenSSL's, the parser's, the resolver's."""
    match error:
        case _client.ClientProxyConnectionError():
            return error
        case _client.ClientConnectorCertificateError():
            return error.certificate_error
        case _client.ClientConnectorDNSError():
            return error.os_error.__cause__ or error.os_error
        case _client.ClientConnectorError():
            return error.os_error
        case _client.ClientPayloadError() if error.__cause__ is not None:
            return error.__cause__
    return error


def _rule_of(error: BaseException, phase: str | None) -> Rule:
    for kind in type(error).__mro__:
        named = _NAMES.get(f"{kind.__module__}.{kind.__qualname__}")
        if read := _TYPES.get(kind, named):
            return read(error, phase)
    return _BUG


def _message(error: BaseException, rule: Rule) -> str:
    what = DETAILS[rule.detail]
    return f"{what} ({_place(error) if rule.detail == 'bug' else _seen(error)})"


def _seen(error: BaseException) -> str:
    """The evidence in a word or two. Never an exception's own text: it may quote the request or the response."""
    match error:
        case ssl.SSLCertVerificationError():
            return printable(getattr(error, "verify_message", "") or type(error).__name__)
        case OSError():
            return _system_name(error)
        case DNSError():
            return ares_name(error)
        case _http.BadStatusLine() if isinstance(error.line, str) and error.line:
            return f"status line {printable(error.line, 40)}"
    return type(error).__name__


def _system_name(error: OSError) -> str:
    """OpenSSL's reason, or the name of the system's number, as ECONNREFUSED."""
    if reason := getattr(error, "reason", None) or reason_in(str(error)):
        return str(reason).lower().replace("_", " ")
    if isinstance(error, ssl.SSLError | socket.gaierror):  # their numbers are not the system's
        return type(error).__name__
    return errno.errorcode.get(number_of(error) or 0, type(error).__name__)


def _place(error: BaseException) -> str:
    """The type, and the module and line where it was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" in {trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}" if trace else ""
    return type(error).__name__ + where
