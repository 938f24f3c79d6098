"""Why the secure channel was not agreed: verify codes and reasons of OpenSSL."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from prober.classify.verdict import Rule
from prober.model.errors import ErrorClass

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

__all__ = ["PROTOCOL", "certificate_rule", "reason_in", "reason_rule", "secure_rule"]

PROTOCOL = Rule(ErrorClass.TLS_ERROR, "protocol")
_OTHER = Rule(ErrorClass.TLS_ERROR, "other")
_UNTRUSTED = Rule(ErrorClass.TLS_ERROR, "untrusted")
_HOSTNAME = Rule(ErrorClass.TLS_ERROR, "hostname")
_CLIENT_CERT = Rule(ErrorClass.TLS_ERROR, "client_cert_required")
_CONFIG = Rule(ErrorClass.PROBER_ERROR, "config")

_VERIFY_CODES: Mapping[int, Rule] = MappingProxyType(
    {
        2: _UNTRUSTED,  # the issuer's certificate is not at hand
        9: Rule(ErrorClass.TLS_ERROR, "not_yet_valid"),
        10: Rule(ErrorClass.TLS_ERROR, "expired"),
        18: _UNTRUSTED,  # self-signed
        19: _UNTRUSTED,  # self-signed in the chain
        20: _UNTRUSTED,  # unknown issuer
        21: _UNTRUSTED,  # the first certificate cannot be verified
        62: _HOSTNAME,
        64: _HOSTNAME,  # another IP address
    }
)

_OUR_FILES = frozenset({"PEM", "X509", "ASN1", "PKCS12"})
"""OpenSSL's libraries that read certificates and keys from files: what fails there is ours."""

_REASONS: Mapping[str, Rule] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                # The peer says what it thinks of our certificate, or that it misses one. With TLS 1.3 that comes after
                # our handshake is done, so in any phase.
                "TLSV13_ALERT_CERTIFICATE_REQUIRED",
                "SSLV3_ALERT_BAD_CERTIFICATE",
                "SSLV3_ALERT_CERTIFICATE_EXPIRED",
                "SSLV3_ALERT_CERTIFICATE_REVOKED",
                "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
                "SSLV3_ALERT_NO_CERTIFICATE",
                "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
                "TLSV1_ALERT_ACCESS_DENIED",
                "TLSV1_ALERT_UNKNOWN_CA",
            ),
            _CLIENT_CERT,
        ),
        **dict.fromkeys(
            (
                "BAD_RECORD_TYPE",
                "DECRYPTION_FAILED_OR_BAD_RECORD_MAC",
                "HTTPS_PROXY_REQUEST",
                "HTTP_REQUEST",
                "LENGTH_MISMATCH",
                "NO_PROTOCOLS_AVAILABLE",
                "PACKET_LENGTH_TOO_LONG",
                "RECORD_LAYER_FAILURE",
                "SSLV3_ALERT_BAD_RECORD_MAC",
                "SSLV3_ALERT_HANDSHAKE_FAILURE",
                "SSLV3_ALERT_ILLEGAL_PARAMETER",
                "SSLV3_ALERT_UNEXPECTED_MESSAGE",
                "TLSV1_ALERT_DECODE_ERROR",
                "TLSV1_ALERT_INSUFFICIENT_SECURITY",
                "TLSV1_ALERT_INTERNAL_ERROR",
                "TLSV1_ALERT_NO_APPLICATION_PROTOCOL",
                "TLSV1_ALERT_PROTOCOL_VERSION",
                "TLSV1_UNRECOGNIZED_NAME",
                "UNEXPECTED_EOF_WHILE_READING",
                "UNEXPECTED_MESSAGE",
                "UNKNOWN_PROTOCOL",
                "UNSUPPORTED_PROTOCOL",
                "VERSION_TOO_LOW",
                "WRONG_SSL_VERSION",
                "WRONG_VERSION_NUMBER",
            ),
            PROTOCOL,
        ),
    }
)

# "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)"; the ssl module leaves the name out when its OpenSSL
# is newer than it knows: "[SSL] record layer failure (_ssl.c:1000)".
_IN_TEXT = re.compile(r"\[(?:SSL|PEM|X509|ASN1|PKCS12)(?:: ([A-Z0-9_]+))?\] ?([a-z0-9 ]*)", re.IGNORECASE)


def certificate_rule(error: ssl.SSLCertVerificationError) -> Rule:
    """The rule of a certificate that we refused."""
    return _VERIFY_CODES.get(getattr(error, "verify_code", 0), _OTHER)


def secure_rule(error: ssl.SSLError) -> Rule:
    """The rule of any other error of OpenSSL; one without a reason is about our own files and settings."""
    reason = getattr(error, "reason", None) or reason_in(str(error))
    if reason is None or reason == "PEM_LIB" or getattr(error, "library", None) in _OUR_FILES:
        return _CONFIG
    return reason_rule(reason)


def reason_rule(reason: str) -> Rule:
    """The rule of OpenSSL's reason, as WRONG_VERSION_NUMBER."""
    return _REASONS.get(reason, _OTHER)


def reason_in(text: str) -> str | None:
    """The reason inside the text of an error that lost its type on the way: aiohttp copies only the arguments."""
    found = _IN_TEXT.search(text)
    if found is None:
        return None
    return found[1] or found[2].strip().upper().replace(" ", "_")
