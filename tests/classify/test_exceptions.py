"""Every exception that ends a run has a class and a detail, by its type, its number and the phase."""

from __future__ import annotations

import asyncio
import errno
import inspect
import json
import os
import socket
import ssl
import zlib
from typing import TYPE_CHECKING

import aiodns.error
import aiohttp
import pycares.errno
import pytest
from aiohttp import client_exceptions, http_exceptions
from aiohttp.client_reqrep import ConnectionKey, RequestInfo
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from prober.classify import EVIDENCE, failure_of
from prober.model.details import DETAILS
from prober.model.errors import ErrorClass, ProbeFailure

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import ModuleType

PHASES = (
    "resolve",
    "connect",
    "tls",
    "request",
    "processing",
    "transfer",
    "first_token",
    "stream",
    "expect",
    "login",
    None,
)
SECRET = "sk-do-not-print-me"
KEY = ConnectionKey("example.com", 443, True, True, None, None, None, None)
INFO = RequestInfo(
    URL(f"https://example.com/?key={SECRET}"),
    "GET",
    CIMultiDictProxy(CIMultiDict({"Authorization": f"Bearer {SECRET}"})),
    URL(f"https://example.com/?key={SECRET}"),
)


def said(error: BaseException, phase: str | None = None) -> str:
    """Class and detail of an exception in a phase."""
    failure = failure_of(error, phase)
    assert failure.detail in DETAILS
    assert failure.phase == phase
    assert failure.message.isprintable()
    assert SECRET not in failure.message
    assert len(failure.message) <= 200
    return f"{failure.error_class} {failure.detail}"


TIMEOUTS = {
    "resolve": "dns_error timeout",
    "connect": "connect_timeout timeout",
    "tls": "tls_error handshake_timeout",
    "request": "response_timeout header_timeout",
    "processing": "response_timeout header_timeout",
    "transfer": "response_timeout body",
    "first_token": "response_timeout first_token",
    "stream": "response_timeout total",
    "expect": "response_timeout total",
    "submit": "response_timeout total",
    None: "response_timeout total",
}


@pytest.mark.parametrize(("phase", "expected"), TIMEOUTS.items(), ids=str)
@pytest.mark.parametrize(
    "error",
    [TimeoutError(), TimeoutError("timed out"), OSError(errno.ETIMEDOUT, "x")],
    ids=["builtin", "text", "kernel"],
)
def test_timeouts(error: BaseException, phase: str | None, expected: str) -> None:
    """Time that ran out means what the phase says, whoever kept the time."""
    assert said(error, phase) == expected


ARES = {
    "ARES_ENODATA": "dns_error nodata",
    "ARES_EFORMERR": "dns_error servfail",
    "ARES_ESERVFAIL": "dns_error servfail",
    "ARES_ENOTFOUND": "dns_error nxdomain",
    "ARES_ENOTIMP": "dns_error servfail",
    "ARES_EREFUSED": "dns_error servfail",
    "ARES_EBADQUERY": "prober_error config",
    "ARES_EBADNAME": "prober_error config",
    "ARES_EBADFAMILY": "dns_error other",
    "ARES_EBADRESP": "dns_error servfail",
    "ARES_ECONNREFUSED": "dns_error servfail",
    "ARES_ETIMEOUT": "dns_error timeout",
    "ARES_EOF": "dns_error servfail",
    "ARES_EFILE": "prober_error config",
    "ARES_ENOMEM": "prober_error memory",
    "ARES_ENONAME": "dns_error nxdomain",
    "ARES_ESERVICE": "dns_error other",
    **dict.fromkeys(
        (
            *("ARES_EDESTRUCTION", "ARES_EBADSTR", "ARES_EBADFLAGS", "ARES_EBADHINTS", "ARES_ENOTINITIALIZED"),
            *("ARES_ELOADIPHLPAPI", "ARES_EADDRGETNETWORKPARAMS", "ARES_ECANCELLED"),
        ),
        "prober_error bug",
    ),
}


@pytest.mark.parametrize(("name", "expected"), ARES.items(), ids=ARES)
def test_resolver_codes(name: str, expected: str) -> None:
    """Each code of c-ares."""
    number = getattr(pycares.errno, name)
    assert said(aiodns.error.DNSError(number, "x"), "resolve") == expected


def test_every_resolver_code_has_a_row() -> None:
    """A new c-ares must not bring a code that nobody thought of."""
    assert {name for name in vars(pycares.errno) if name.startswith("ARES_E")} == set(ARES)
    assert said(aiodns.error.DNSError(99, "x"), "resolve") == "dns_error other"
    assert said(aiodns.error.DNSError(), "resolve") == "dns_error other"


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (socket.EAI_NONAME, "dns_error nxdomain"),
        (socket.EAI_NODATA, "dns_error nodata"),
        (socket.EAI_AGAIN, "dns_error servfail"),
        (socket.EAI_FAIL, "dns_error servfail"),
        (socket.EAI_MEMORY, "prober_error memory"),
        (socket.EAI_SERVICE, "dns_error other"),
    ],
)
def test_getaddrinfo(number: int, expected: str) -> None:
    """The system's own resolver, where something else asked it."""
    assert said(socket.gaierror(number, "x"), "resolve") == expected


CONNECT = {
    "ECONNREFUSED": "connect_refused refused",
    **dict.fromkeys(
        ("ENETUNREACH", "EHOSTUNREACH", "ENETDOWN", "EHOSTDOWN", "ENONET", "ENOPROTOOPT"), "connect_timeout unreachable"
    ),
    "ETIMEDOUT": "connect_timeout timeout",
    **dict.fromkeys(
        ("ECONNRESET", "EPIPE", "ECONNABORTED", "ENETRESET", "ESHUTDOWN", "ENOTCONN", "EPROTO"),
        "connection_reset reset",
    ),
    "EMFILE": "prober_error fd_exhausted",
    "ENFILE": "prober_error fd_exhausted",
    "ENOBUFS": "prober_error memory",
    "ENOMEM": "prober_error memory",
    "EADDRNOTAVAIL": "prober_error local_address",
    "EADDRINUSE": "prober_error local_address",
    "EAFNOSUPPORT": "prober_error local_address",
    "EACCES": "prober_error not_permitted",
    "EPERM": "prober_error not_permitted",
    "ENOENT": "prober_error config",
    "EISDIR": "prober_error config",
    "EBADF": "prober_error bug",
    "EXDEV": "connection_reset other",
}


@pytest.mark.parametrize(("name", "expected"), CONNECT.items(), ids=CONNECT)
@pytest.mark.parametrize("kind", [OSError, aiohttp.ClientOSError], ids=["system", "aiohttp"])
def test_connect(kind: type[OSError], name: str, expected: str) -> None:
    """Each number of the operating system while connecting; aiohttp's own type makes no difference."""
    error = kind(getattr(errno, name), os.strerror(getattr(errno, name)))
    assert said(error, "connect") == expected
    if "bug" not in expected:
        assert name in failure_of(error, "connect").message


@pytest.mark.parametrize("phase", ["request", "processing", "transfer", "first_token", "stream", "tls"])
@pytest.mark.parametrize("number", [errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED])
def test_a_reset_is_a_reset_in_every_phase(phase: str, number: int) -> None:
    """A reset in the body is told apart from a body that is short."""
    assert said(OSError(number, "x"), phase) == "connection_reset reset"


def test_numbers_outside_the_wire() -> None:
    """The same numbers mean less where no connection is open."""
    assert said(OSError(errno.ENETUNREACH, "x"), "resolve") == "dns_error other"
    assert said(OSError(errno.EMFILE, "x"), "resolve") == "prober_error fd_exhausted"
    assert said(OSError(errno.EXDEV, "x"), None) == "prober_error bug"
    assert said(OSError("no number"), None) == "prober_error bug"
    assert said(FileNotFoundError(errno.ENOENT, "x"), "tls") == "prober_error config"


LOST: dict[str, tuple[Callable[[], BaseException], str, str]] = {
    "asyncio-lost": (lambda: ConnectionResetError("Connection lost"), "request", "connection_reset closed"),
    "asyncio-lost-body": (lambda: ConnectionResetError("Connection lost"), "transfer", "connection_reset reset"),
    "asyncio-tls-eof": (ConnectionResetError, "tls", "tls_error protocol"),
    "tls-aborted": (ConnectionAbortedError, "tls", "tls_error protocol"),
    "tls-too-slow": (
        lambda: ConnectionAbortedError("SSL handshake is taking longer than 60.0 seconds: aborting the connection"),
        "tls",
        "tls_error handshake_timeout",
    ),
    "broken-pipe": (BrokenPipeError, "request", "connection_reset closed"),
    "aborted": (ConnectionAbortedError, "processing", "connection_reset closed"),
    "aiohttp-closing": (
        lambda: aiohttp.ClientConnectionResetError("Cannot write to closing transport"),
        "request",
        "connection_reset closed",
    ),
    "uvloop-closed": (
        lambda: RuntimeError("unable to perform operation on <TCPTransport closed=True>; the handler is closed"),
        "request",
        "connection_reset closed",
    ),
    "uvloop-closed-body": (
        lambda: RuntimeError("x; the handler is closed"),
        "transfer",
        "stream_truncated body_truncated",
    ),
    "eof": (EOFError, "processing", "connection_reset closed"),
    "eof-tls": (EOFError, "tls", "tls_error protocol"),
    "incomplete-read": (lambda: asyncio.IncompleteReadError(b"", 4), "processing", "connection_reset closed"),
    "incomplete-body": (lambda: asyncio.IncompleteReadError(b"", 4), "transfer", "stream_truncated body_truncated"),
    "no-head": (aiohttp.ServerDisconnectedError, "processing", "connection_reset closed"),
    "no-head-on-request": (aiohttp.ServerDisconnectedError, "request", "connection_reset closed"),
    "disconnected-body": (aiohttp.ServerDisconnectedError, "stream", "stream_truncated body_truncated"),
    "tls-eof": (lambda: ssl.SSLEOFError(8, "EOF occurred in violation of protocol"), "tls", "tls_error protocol"),
    "tls-eof-later": (lambda: ssl.SSLEOFError(8, "EOF"), "processing", "connection_reset closed"),
    "tls-eof-body": (lambda: ssl.SSLEOFError(8, "EOF"), "transfer", "stream_truncated body_truncated"),
    "tls-zero-return": (lambda: ssl.SSLZeroReturnError(6, "closed"), "transfer", "stream_truncated body_truncated"),
    "tls-syscall": (lambda: ssl.SSLSyscallError(5, "x"), "tls", "tls_error protocol"),
}


@pytest.mark.parametrize(("make", "phase", "expected"), LOST.values(), ids=LOST)
def test_lost_connections(make: Callable[[], BaseException], phase: str, expected: str) -> None:
    """The ways in which two event loops and a client say that the peer is gone."""
    assert said(make(), phase) == expected


def verify_error(code: int) -> ssl.SSLCertVerificationError:
    """A certificate error as the ssl module raises it."""
    error = ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed")
    error.verify_code, error.verify_message = code, "certificate verify failed"
    return error


CERTIFICATES = {
    10: "tls_error expired",
    9: "tls_error not_yet_valid",
    62: "tls_error hostname",
    64: "tls_error hostname",
    18: "tls_error untrusted",
    19: "tls_error untrusted",
    20: "tls_error untrusted",
    21: "tls_error untrusted",
    23: "tls_error other",
}


@pytest.mark.parametrize(("code", "expected"), CERTIFICATES.items(), ids=str)
def test_certificates(code: int, expected: str) -> None:
    """Each verify code of OpenSSL, bare and inside aiohttp's wrapper."""
    assert said(verify_error(code), "tls") == expected
    assert said(client_exceptions.ClientConnectorCertificateError(KEY, verify_error(code)), "tls") == expected


def ssl_error(reason: str, library: str = "SSL") -> ssl.SSLError:
    """An error of OpenSSL as the ssl module raises it."""
    error = ssl.SSLError(1, f"[{library}: {reason}] {reason.lower().replace('_', ' ')} (_ssl.c:1006)")
    error.reason, error.library = reason, library
    return error


REASONS = {
    **dict.fromkeys(
        (
            *("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST"),
            *("UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "SSLV3_ALERT_HANDSHAKE_FAILURE"),
            "UNEXPECTED_EOF_WHILE_READING",
        ),
        "tls_error protocol",
    ),
    **dict.fromkeys(
        (
            *("TLSV13_ALERT_CERTIFICATE_REQUIRED", "SSLV3_ALERT_BAD_CERTIFICATE", "TLSV1_ALERT_UNKNOWN_CA"),
            "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
        ),
        "tls_error client_cert_required",
    ),
    "DH_KEY_TOO_SMALL": "tls_error other",
}


@pytest.mark.parametrize(("reason", "expected"), REASONS.items(), ids=REASONS)
@pytest.mark.parametrize("phase", ["tls", "request", "processing", "transfer"])
def test_reasons(reason: str, expected: str, phase: str) -> None:
    """Each reason of OpenSSL in any phase, also when aiohttp kept only the arguments of the error."""
    error = ssl_error(reason)
    assert said(error, phase) == expected
    assert said(aiohttp.ClientOSError(*error.args), phase) == expected
    assert said(client_exceptions.ClientConnectorSSLError(KEY, error), phase) == expected
    assert reason.lower().replace("_", " ") in failure_of(aiohttp.ClientOSError(*error.args), phase).message


@pytest.mark.parametrize(("reason", "library"), [("NO_CERTIFICATE_OR_CRL_FOUND", "X509"), ("BAD_BASE64_DECODE", "PEM")])
def test_our_own_certificate_files(reason: str, library: str) -> None:
    """A CA file or a key that cannot be read is our configuration."""
    assert said(ssl_error(reason, library), "tls") == "prober_error config"


def test_real_ssl_errors(tmp_path: Path) -> None:
    """The attributes are where we look for them, in the ssl module of this Python."""
    junk = tmp_path / "junk.pem"
    junk.write_text("junk")
    context = ssl.create_default_context()
    attempts: tuple[Callable[[], object], ...] = (
        lambda: context.load_verify_locations(cadata="junk"),
        lambda: context.load_verify_locations(cafile=junk),
        lambda: context.load_verify_locations(cafile=tmp_path / "none.pem"),
        lambda: context.load_cert_chain(junk, junk),
        lambda: context.set_ciphers("junk"),
    )
    for attempt in attempts:
        with pytest.raises(OSError) as caught:  # noqa: PT011 - ssl.SSLError and FileNotFoundError
            attempt()
        assert said(caught.value) == "prober_error config"


def test_a_reason_that_this_python_has_no_name_for() -> None:
    """With an OpenSSL newer than the ssl module only the text says what it was."""
    error = ssl.SSLError(1, "[SSL] record layer failure (_ssl.c:1000)")
    error.library = "SSL"
    assert said(error, "tls") == "tls_error protocol"
    assert "record layer failure" in failure_of(error, "tls").message


PARSER: dict[str, tuple[Callable[[], BaseException], str, str]] = {
    "bad-message": (lambda: http_exceptions.BadHttpMessage("x"), "processing", "unexpected_response protocol"),
    "bad-chunk": (lambda: http_exceptions.BadHttpMessage("x"), "transfer", "unexpected_response bad_encoding"),
    "bad-chunk-stream": (lambda: http_exceptions.BadHttpMessage("x"), "stream", "unexpected_response bad_encoding"),
    "bad-status": (lambda: http_exceptions.BadStatusLine("SSH-2.0"), "processing", "unexpected_response protocol"),
    "many-headers": (
        lambda: http_exceptions.BadHttpMessage("Too many headers received"),
        "processing",
        "unexpected_response headers_too_large",
    ),
    "long-line": (
        lambda: http_exceptions.LineTooLong(b"x", 8190),
        "processing",
        "unexpected_response headers_too_large",
    ),
    "long-chunk-line": (
        lambda: http_exceptions.LineTooLong(b"x", 8190),
        "transfer",
        "unexpected_response bad_encoding",
    ),
    "invalid-header": (lambda: http_exceptions.InvalidHeader(b"x"), "processing", "unexpected_response protocol"),
    "chunked-short": (
        lambda: http_exceptions.TransferEncodingError("Not enough data to satisfy transfer length header."),
        "transfer",
        "stream_truncated body_truncated",
    ),
    "chunked-bad": (
        lambda: http_exceptions.TransferEncodingError("x"),
        "transfer",
        "unexpected_response bad_encoding",
    ),
    "length-short": (
        lambda: http_exceptions.ContentLengthError("Not enough data to satisfy content length header"),
        "transfer",
        "stream_truncated body_truncated",
    ),
    "encoding": (lambda: http_exceptions.ContentEncodingError("x"), "transfer", "unexpected_response bad_encoding"),
    "payload": (lambda: http_exceptions.PayloadEncodingError("x"), "transfer", "unexpected_response bad_encoding"),
    "bomb": (lambda: http_exceptions.DecompressSizeError("x"), "transfer", "unexpected_response too_large"),
    "base": (http_exceptions.HttpProcessingError, "processing", "unexpected_response protocol"),
    "bad-request": (lambda: http_exceptions.HttpBadRequest("x"), "processing", "unexpected_response protocol"),
    "bad-method": (lambda: http_exceptions.BadHttpMethod("x"), "processing", "unexpected_response protocol"),
    "invalid-url": (lambda: http_exceptions.InvalidURLError("x"), "processing", "unexpected_response protocol"),
    "zlib": (lambda: zlib.error("x"), "transfer", "unexpected_response bad_encoding"),
    "json": (lambda: json.JSONDecodeError("x", SECRET, 0), "transfer", "unexpected_response not_json"),
    "limit-overrun": (lambda: asyncio.LimitOverrunError("x", 1), "processing", "unexpected_response headers_too_large"),
}


@pytest.mark.parametrize(("make", "phase", "expected"), PARSER.values(), ids=PARSER)
def test_parsers(make: Callable[[], BaseException], phase: str, expected: str) -> None:
    """What is not HTTP, in the head and in the body."""
    assert said(make(), phase) == expected


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("brotli", "error"),
        ("_brotli", "error"),
        ("zstandard", "ZstdError"),
        ("backports.zstd", "ZstdError"),
        ("_zstd", "ZstdError"),
    ],
)
def test_decoders_that_need_not_be_installed(module: str, name: str) -> None:
    """Optional decoders are known by name."""
    kind = type(name, (Exception,), {"__module__": module})
    assert said(kind("x"), "transfer") == "unexpected_response bad_encoding"
    assert said(type("Sub", (kind,), {})("x"), "transfer") == "unexpected_response bad_encoding"


refused = OSError(errno.ECONNREFUSED, "x")


def payload_error(cause: BaseException | None) -> BaseException:
    """The wrapper of aiohttp for what went wrong in a body."""
    error = aiohttp.ClientPayloadError("Response payload is not completed")
    error.__cause__ = cause
    return error


def dns_error() -> BaseException:
    """The wrapper of aiohttp for what its resolver raised."""
    inner = OSError(None, "x")
    inner.__cause__ = aiodns.error.DNSError(4, "Domain name not found")
    return client_exceptions.ClientConnectorDNSError(KEY, inner)


CLIENT: dict[str, tuple[Callable[[], BaseException], str | None, str]] = {
    "ClientError": (aiohttp.ClientError, "processing", "prober_error bug"),
    "ClientResponseError": (
        lambda: aiohttp.ClientResponseError(INFO, (), status=400),
        "processing",
        "unexpected_response protocol",
    ),
    "ContentTypeError": (lambda: aiohttp.ContentTypeError(INFO, ()), "transfer", "unexpected_response not_json"),
    "WSServerHandshakeError": (
        lambda: aiohttp.WSServerHandshakeError(INFO, ()),
        "processing",
        "unexpected_response protocol",
    ),
    "ClientHttpProxyError": (
        lambda: aiohttp.ClientHttpProxyError(INFO, (), status=407),
        "connect",
        "prober_error proxy",
    ),
    "TooManyRedirects": (lambda: aiohttp.TooManyRedirects(INFO, ()), "processing", "unexpected_response redirect_loop"),
    "ClientConnectionError": (aiohttp.ClientConnectionError, "request", "connection_reset closed"),
    "ClientConnectionResetError": (aiohttp.ClientConnectionResetError, "request", "connection_reset closed"),
    "ClientOSError": (lambda: aiohttp.ClientOSError(errno.ECONNRESET, "x"), "processing", "connection_reset reset"),
    "ClientConnectorError": (lambda: aiohttp.ClientConnectorError(KEY, refused), "connect", "connect_refused refused"),
    "ClientConnectorDNSError": (dns_error, "resolve", "dns_error nxdomain"),
    "ClientProxyConnectionError": (
        lambda: aiohttp.ClientProxyConnectionError(KEY, refused),
        "connect",
        "prober_error proxy",
    ),
    "UnixClientConnectorError": (
        lambda: client_exceptions.UnixClientConnectorError("/x", KEY, refused),
        "connect",
        "connect_refused refused",
    ),
    "ServerConnectionError": (aiohttp.ServerConnectionError, "processing", "connection_reset closed"),
    "ServerDisconnectedError": (aiohttp.ServerDisconnectedError, "processing", "connection_reset closed"),
    "ServerTimeoutError": (aiohttp.ServerTimeoutError, "processing", "response_timeout header_timeout"),
    "ConnectionTimeoutError": (aiohttp.ConnectionTimeoutError, None, "connect_timeout timeout"),
    "SocketTimeoutError": (aiohttp.SocketTimeoutError, None, "response_timeout header_timeout"),
    "ServerFingerprintMismatch": (
        lambda: aiohttp.ServerFingerprintMismatch(b"a", b"b", "x", 1),
        "tls",
        "tls_error untrusted",
    ),
    "ClientPayloadError": (lambda: payload_error(None), "transfer", "stream_truncated body_truncated"),
    "UploadAbortedError": (lambda: client_exceptions.UploadAbortedError("x"), "request", "connection_reset closed"),
    "InvalidURL": (lambda: aiohttp.InvalidURL(f"x?{SECRET}"), None, "prober_error config"),
    "InvalidUrlClientError": (lambda: aiohttp.InvalidUrlClientError(f"x?{SECRET}"), None, "prober_error config"),
    "RedirectClientError": (aiohttp.RedirectClientError, "processing", "unexpected_response redirect_blocked"),
    "NonHttpUrlClientError": (lambda: aiohttp.NonHttpUrlClientError(f"x?{SECRET}"), None, "prober_error config"),
    "InvalidUrlRedirectClientError": (
        lambda: aiohttp.InvalidUrlRedirectClientError(f"x?{SECRET}"),
        "processing",
        "unexpected_response redirect_blocked",
    ),
    "NonHttpUrlRedirectClientError": (
        lambda: aiohttp.NonHttpUrlRedirectClientError(f"x?{SECRET}"),
        "processing",
        "unexpected_response redirect_blocked",
    ),
    "ClientSSLError": (
        lambda: aiohttp.ClientSSLError(KEY, ssl_error("WRONG_VERSION_NUMBER")),
        "tls",
        "tls_error protocol",
    ),
    "ClientConnectorSSLError": (
        lambda: aiohttp.ClientConnectorSSLError(KEY, ssl_error("WRONG_VERSION_NUMBER")),
        "tls",
        "tls_error protocol",
    ),
    "ClientConnectorCertificateError": (
        lambda: aiohttp.ClientConnectorCertificateError(KEY, verify_error(10)),
        "tls",
        "tls_error expired",
    ),
    "WSMessageTypeError": (lambda: client_exceptions.WSMessageTypeError("x"), "stream", "prober_error bug"),
}


@pytest.mark.parametrize(("make", "phase", "expected"), CLIENT.values(), ids=CLIENT)
def test_aiohttp_client(make: Callable[[], BaseException], phase: str | None, expected: str) -> None:
    """Each exception of aiohttp's client, and no word of the request in the message."""
    assert said(make(), phase) == expected


def exceptions_of(module: ModuleType) -> set[type[BaseException]]:
    """The exception classes that a module defines."""
    kinds = {kind for _, kind in inspect.getmembers(module, inspect.isclass)}
    return {kind for kind in kinds if issubclass(kind, BaseException) and kind.__module__ == module.__name__}


def test_no_exception_of_aiohttp_is_forgotten() -> None:
    """A new aiohttp that brings a new exception breaks this test, not somebody's alert."""
    client = {type(make()) for make, _, _ in CLIENT.values()}
    assert exceptions_of(client_exceptions) - client == set()
    parser = {type(make()) for make, _, _ in PARSER.values()}
    assert exceptions_of(http_exceptions) - parser == set()


PAYLOADS: dict[str, tuple[Callable[[], BaseException], str]] = {
    "reset": (lambda: OSError(errno.ECONNRESET, "x"), "connection_reset reset"),
    "length": (lambda: http_exceptions.ContentLengthError("x"), "stream_truncated body_truncated"),
    "zlib": (lambda: zlib.error("x"), "unexpected_response bad_encoding"),
    "encoding": (lambda: http_exceptions.ContentEncodingError("x"), "unexpected_response bad_encoding"),
}


@pytest.mark.parametrize(("make", "expected"), PAYLOADS.values(), ids=PAYLOADS)
def test_payload_errors_are_their_cause(make: Callable[[], BaseException], expected: str) -> None:
    """Reset, short and broken bodies are one type in aiohttp, and three things to us."""
    assert said(payload_error(make()), "transfer") == expected


EYEBALLS: dict[str, tuple[Callable[[], BaseException], str]] = {
    "same": (lambda: OSError(errno.EHOSTUNREACH, "Multiple exceptions: ..."), "connect_timeout unreachable"),
    "text": (
        lambda: OSError(
            "Multiple exceptions: [Errno 101] Connect call failed ('::1', 1), [Errno 111] Connect call failed"
        ),
        "connect_refused refused",
    ),
    "text-without-refusal": (
        lambda: OSError("Multiple exceptions: [Errno 99] Cannot assign, [Errno 113] No route"),
        "prober_error local_address",
    ),
    "runtime": (
        lambda: RuntimeError("Multiple exceptions: [Errno 113] No route, [Errno 101] x"),
        "connect_timeout unreachable",
    ),
    "group": (
        lambda: ExceptionGroup("x", [OSError(errno.ENETUNREACH, "x"), OSError(errno.ECONNREFUSED, "x")]),
        "connect_refused refused",
    ),
    "nested": (
        lambda: ExceptionGroup("x", [TimeoutError(), ExceptionGroup("y", [OSError(errno.ECONNRESET, "x")])]),
        "connection_reset reset",
    ),
    "ours-last": (
        lambda: ExceptionGroup("x", [OSError(errno.EAFNOSUPPORT, "x"), OSError(errno.EHOSTUNREACH, "x")]),
        "connect_timeout unreachable",
    ),
    "our-bug-first": (lambda: ExceptionGroup("x", [refused, KeyError("x")]), "prober_error bug"),
    "own-failure-first": (
        lambda: ExceptionGroup(
            "x", [refused, ProbeFailure(ErrorClass.CONTENT_MISMATCH, "x", detail="nonce", phase="connect")]
        ),
        "content_mismatch nonce",
    ),
}


@pytest.mark.parametrize(("make", "expected"), EYEBALLS.values(), ids=EYEBALLS)
def test_many_at_once(make: Callable[[], BaseException], expected: str) -> None:
    """Of several addresses' errors the most telling one counts; a bug of ours is never hidden by them."""
    assert said(make(), "connect") == expected


def test_a_probes_own_failure_passes_through() -> None:
    """What a probe saw itself is not second-guessed."""
    failure = ProbeFailure(ErrorClass.OVERLOADED, "x", detail="capacity")
    assert failure_of(failure, "stream") is failure


def raised(error: BaseException) -> BaseException:
    """The exception, with the place where it was raised."""
    try:
        raise error  # noqa: TRY301
    except BaseException as caught:  # noqa: BLE001 - any type, to look at its traceback
        return caught


UNKNOWN = (
    KeyError(SECRET),
    ValueError(SECRET),
    AssertionError(SECRET),
    RecursionError(SECRET),
    UnicodeDecodeError("utf-8", SECRET.encode(), 0, 1, "x"),
    UnicodeError("label empty or too long"),
    RuntimeError(SECRET),
    asyncio.CancelledError(),
    asyncio.InvalidStateError(SECRET),
    StopAsyncIteration(),
    type("Odd", (Exception,), {})(SECRET),
)


@pytest.mark.parametrize("error", UNKNOWN, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("phase", PHASES, ids=str)
def test_whatever_else_is_our_bug(error: BaseException, phase: str | None) -> None:
    """An exception that nobody expected is never blamed on the target, and only its type and place are said."""
    assert said(raised(error), phase) == "prober_error bug"
    message = failure_of(raised(error), phase).message
    assert f"({type(error).__name__} in {__name__}:" in message


def test_memory() -> None:
    """Without memory we measure nothing."""
    assert said(MemoryError(), "transfer") == "prober_error memory"


@pytest.mark.parametrize("kind", EVIDENCE, ids=lambda kind: kind.__name__)
def test_evidence_is_about_the_exchange(kind: type[BaseException]) -> None:
    """The types that a probe may catch to compare with an expected class exclude those of our own bugs."""
    assert not issubclass(kind, RuntimeError | MemoryError | asyncio.CancelledError | LookupError | ProbeFailure)
