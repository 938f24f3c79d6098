"""Why the browser did not get a document: its ``net::ERR_...`` as class, detail and phase."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from prober.model.details import DETAILS
from prober.model.errors import ErrorClass, ProbeFailure

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["NET_ERRORS", "NetError", "net_failure"]


class NetError(NamedTuple):
    """What a row of the table says."""

    error_class: ErrorClass
    detail: str
    phase: str


_RESET = NetError(ErrorClass.CONNECTION_RESET, "reset", "processing")
_CLOSED = NetError(ErrorClass.CONNECTION_RESET, "closed", "processing")
_UNREACHABLE = NetError(ErrorClass.CONNECT_TIMEOUT, "unreachable", "connect")
_UNTRUSTED = NetError(ErrorClass.TLS_ERROR, "untrusted", "tls")
_TLS = NetError(ErrorClass.TLS_ERROR, "protocol", "tls")
_CLIENT_CERT = NetError(ErrorClass.TLS_ERROR, "client_cert_required", "tls")
_BROKEN = NetError(ErrorClass.UNEXPECTED_RESPONSE, "protocol", "processing")
_ENCODING = NetError(ErrorClass.UNEXPECTED_RESPONSE, "bad_encoding", "transfer")
_SHORT = NetError(ErrorClass.STREAM_TRUNCATED, "body_truncated", "transfer")
_REFUSED_TO_GO = NetError(ErrorClass.UNEXPECTED_RESPONSE, "redirect_blocked", "processing")
_SERVFAIL = NetError(ErrorClass.DNS_ERROR, "servfail", "resolve")
_DNS = NetError(ErrorClass.DNS_ERROR, "other", "resolve")
_PROXY = NetError(ErrorClass.PROBER_ERROR, "proxy", "connect")
_OURS = NetError(ErrorClass.PROBER_ERROR, "browser", "connect")
_CONFIG = NetError(ErrorClass.PROBER_ERROR, "config", "connect")
_OTHER = NetError(ErrorClass.CONNECTION_RESET, "other", "processing")

NET_ERRORS: Mapping[str, NetError] = MappingProxyType(
    {
        # resolve; Chromium does not tell a name that is not there from one without addresses
        "ERR_NAME_NOT_RESOLVED": NetError(ErrorClass.DNS_ERROR, "nxdomain", "resolve"),
        "ERR_NAME_RESOLUTION_FAILED": _SERVFAIL,
        "ERR_DNS_TIMED_OUT": NetError(ErrorClass.DNS_ERROR, "timeout", "resolve"),
        "ERR_DNS_SERVER_FAILURE": _SERVFAIL,
        "ERR_DNS_REFUSED": _SERVFAIL,
        "ERR_DNS_FORMAT_ERROR": _DNS,
        "ERR_DNS_NOT_IMPLEMENTED": _DNS,
        "ERR_DNS_OTHER_FAILURE": _DNS,
        "ERR_DNS_MALFORMED_RESPONSE": _DNS,
        "ERR_ICANN_NAME_COLLISION": _DNS,
        # connect
        "ERR_CONNECTION_REFUSED": NetError(ErrorClass.CONNECT_REFUSED, "refused", "connect"),
        "ERR_CONNECTION_TIMED_OUT": NetError(ErrorClass.CONNECT_TIMEOUT, "timeout", "connect"),
        "ERR_ADDRESS_UNREACHABLE": _UNREACHABLE,
        "ERR_ADDRESS_INVALID": _UNREACHABLE,
        "ERR_INTERNET_DISCONNECTED": _UNREACHABLE,
        "ERR_NETWORK_CHANGED": _UNREACHABLE,
        "ERR_CONNECTION_FAILED": NetError(ErrorClass.CONNECT_TIMEOUT, "other", "connect"),
        # tls
        "ERR_CERT_DATE_INVALID": NetError(ErrorClass.TLS_ERROR, "expired", "tls"),
        "ERR_CERT_COMMON_NAME_INVALID": NetError(ErrorClass.TLS_ERROR, "hostname", "tls"),
        "ERR_CERT_AUTHORITY_INVALID": _UNTRUSTED,
        "ERR_CERT_INVALID": _UNTRUSTED,
        "ERR_CERT_REVOKED": _UNTRUSTED,
        "ERR_CERT_WEAK_SIGNATURE_ALGORITHM": _UNTRUSTED,
        "ERR_CERT_WEAK_KEY": _UNTRUSTED,
        "ERR_CERT_VALIDITY_TOO_LONG": _UNTRUSTED,
        "ERR_CERTIFICATE_TRANSPARENCY_REQUIRED": _UNTRUSTED,
        "ERR_SSL_PINNED_KEY_NOT_IN_CERT_CHAIN": _UNTRUSTED,
        "ERR_SSL_CLIENT_AUTH_CERT_NEEDED": _CLIENT_CERT,
        "ERR_BAD_SSL_CLIENT_AUTH_CERT": _CLIENT_CERT,
        "ERR_SSL_PROTOCOL_ERROR": _TLS,
        "ERR_SSL_VERSION_OR_CIPHER_MISMATCH": _TLS,
        "ERR_SSL_UNRECOGNIZED_NAME_ALERT": _TLS,
        "ERR_SSL_BAD_RECORD_MAC_ALERT": _TLS,
        "ERR_SSL_DECRYPT_ERROR_ALERT": _TLS,
        "ERR_ECH_NOT_NEGOTIATED": _TLS,
        # http
        "ERR_CONNECTION_RESET": _RESET,
        "ERR_CONNECTION_ABORTED": _RESET,
        "ERR_SOCKET_NOT_CONNECTED": _RESET,
        "ERR_HTTP2_SERVER_REFUSED_STREAM": _RESET,
        "ERR_CONNECTION_CLOSED": _CLOSED,
        "ERR_EMPTY_RESPONSE": _CLOSED,
        "ERR_TIMED_OUT": NetError(ErrorClass.RESPONSE_TIMEOUT, "header_timeout", "processing"),
        "ERR_RESPONSE_HEADERS_TOO_BIG": NetError(ErrorClass.UNEXPECTED_RESPONSE, "headers_too_large", "processing"),
        "ERR_TOO_MANY_REDIRECTS": NetError(ErrorClass.UNEXPECTED_RESPONSE, "redirect_loop", "processing"),
        "ERR_UNSAFE_REDIRECT": _REFUSED_TO_GO,
        "ERR_INVALID_REDIRECT": _REFUSED_TO_GO,
        "ERR_UNKNOWN_URL_SCHEME": _REFUSED_TO_GO,
        "ERR_DISALLOWED_URL_SCHEME": _REFUSED_TO_GO,
        "ERR_BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS": _REFUSED_TO_GO,
        "ERR_INVALID_RESPONSE": _BROKEN,
        "ERR_INVALID_HTTP_RESPONSE": _BROKEN,
        "ERR_HTTP2_PROTOCOL_ERROR": _BROKEN,
        "ERR_QUIC_PROTOCOL_ERROR": _BROKEN,
        "ERR_RESPONSE_HEADERS_MULTIPLE_CONTENT_LENGTH": _BROKEN,
        "ERR_RESPONSE_HEADERS_MULTIPLE_CONTENT_DISPOSITION": _BROKEN,
        "ERR_RESPONSE_HEADERS_MULTIPLE_LOCATION": _BROKEN,
        "ERR_RESPONSE_HEADERS_TRUNCATED": _BROKEN,
        "ERR_HTTP_RESPONSE_CODE_FAILURE": NetError(ErrorClass.UNEXPECTED_RESPONSE, "status", "processing"),
        "ERR_BLOCKED_BY_RESPONSE": NetError(ErrorClass.UNEXPECTED_RESPONSE, "other", "processing"),
        # The navigation came to nothing that is a page: a download, or a status without content.
        "ERR_ABORTED": NetError(ErrorClass.UNEXPECTED_RESPONSE, "other", "processing"),
        "ERR_CONTENT_DECODING_FAILED": _ENCODING,
        "ERR_CONTENT_DECODING_INIT_FAILED": _ENCODING,
        "ERR_INVALID_CHUNKED_ENCODING": _ENCODING,
        "ERR_CONTENT_LENGTH_MISMATCH": _SHORT,
        "ERR_INCOMPLETE_CHUNKED_ENCODING": _SHORT,
        "ERR_INCOMPLETE_HTTP2_HEADERS": _SHORT,
        # ours
        "ERR_PROXY_CONNECTION_FAILED": _PROXY,
        "ERR_TUNNEL_CONNECTION_FAILED": _PROXY,
        "ERR_PROXY_AUTH_REQUESTED": _PROXY,
        "ERR_PROXY_AUTH_UNSUPPORTED": _PROXY,
        "ERR_PROXY_CERTIFICATE_INVALID": _PROXY,
        "ERR_MANDATORY_PROXY_CONFIGURATION_FAILED": _PROXY,
        "ERR_NO_SUPPORTED_PROXIES": _PROXY,
        "ERR_SOCKS_CONNECTION_FAILED": _PROXY,
        "ERR_INSUFFICIENT_RESOURCES": _OURS,
        "ERR_OUT_OF_MEMORY": _OURS,
        "ERR_NETWORK_ACCESS_DENIED": _OURS,
        "ERR_NETWORK_IO_SUSPENDED": _OURS,
        "ERR_BLOCKED_BY_ADMINISTRATOR": _OURS,
        "ERR_BLOCKED_BY_CLIENT": _OURS,
        "ERR_INVALID_URL": _CONFIG,
        "ERR_UNSAFE_PORT": _CONFIG,  # browsers open no page on the ports of mail and the like
    }
)
"""By Chromium's names (net_error_list.h), without ``net::``."""


def net_failure(error: str) -> ProbeFailure:
    """The failure of a document that the browser did not get."""
    name = error.removeprefix("net::")
    row = NET_ERRORS.get(name)
    if row is None:
        row = _UNTRUSTED if name.startswith("ERR_CERT_") else _TLS if name.startswith("ERR_SSL_") else _OTHER
    return ProbeFailure(row.error_class, f"{DETAILS[row.detail]} ({name})", detail=row.detail, phase=row.phase)
