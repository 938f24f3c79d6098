"""The server's side of TLS, as the file wants it."""

from __future__ import annotations

import os
import ssl
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cryptography import x509

from prober.model.setting import SettingError, SettingErrors
from prober.web.access.suites import CURVES, SUITES, SUITES_13

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from prober.web.access.settings import TlsServer

__all__ = ["is_wanted", "server_context", "subject_names"]

_VERSIONS = {"TLS12": ssl.TLSVersion.TLSv1_2, "TLS13": ssl.TLSVersion.TLSv1_3}
_VERIFYING = {"VerifyClientCertIfGiven": ssl.CERT_OPTIONAL, "RequireAndVerifyClientCert": ssl.CERT_REQUIRED}
_PAIRS = (("cert", "cert_file"), ("key", "key_file"))


def is_wanted(settings: TlsServer) -> bool:
    """Whether the file asks for TLS at all; if it does so in part, the rest is missing."""
    given = (settings.cert, settings.key, settings.client_ca, settings.cert_file, settings.key_file)
    return any(given) or bool(settings.client_ca_file) or settings.client_auth_type != "NoClientCert"


def server_context(settings: TlsServer, folder: Path) -> ssl.SSLContext:
    """The context for new connections. Paths are relative to the folder. Raises SettingErrors and OSError."""
    mistakes = list(_mistakes(settings))
    if mistakes:
        raise SettingErrors(mistakes)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = _VERSIONS[settings.min_version]
    context.maximum_version = _VERSIONS[settings.max_version]
    context.set_alpn_protocols(["http/1.1"])
    _choose_ciphers(context, settings)
    _load_own(context, settings, folder)
    _verify_clients(context, settings, folder)
    return context


def subject_names(certificate: bytes) -> frozenset[str]:
    """All alternative names of a certificate: of hosts, addresses, mail boxes and URIs. None of one without them."""
    try:
        found = x509.load_der_x509_certificate(certificate).extensions
        names = found.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return frozenset()
    texts = (x509.DNSName, x509.RFC822Name, x509.UniformResourceIdentifier)
    written = [str(name) for kind in texts for name in names.get_values_for_type(kind)]
    return frozenset([*written, *(str(address) for address in names.get_values_for_type(x509.IPAddress))])


def _mistakes(settings: TlsServer) -> Iterator[SettingError]:
    for inline, file in _PAIRS:
        if bool(getattr(settings, inline)) == bool(getattr(settings, file)):
            both = f"goes not with {inline}" if getattr(settings, file) else f"is required, or {inline}"
            yield SettingError(both, (file,))
    for name in ("min_version", "max_version"):
        if getattr(settings, name) not in _VERSIONS:
            yield SettingError("is broken for years: TLS12 and TLS13 are spoken", (name,))
    if settings.min_version == "TLS13" and settings.max_version == "TLS12":
        yield SettingError("is below min_version", ("max_version",))
    for index, suite in enumerate(settings.cipher_suites):
        if suite not in SUITES and suite not in SUITES_13:
            yield SettingError(f"unknown cipher suite, expected one of {', '.join(SUITES)}", ("cipher_suites", index))
    for index, curve in enumerate(settings.curve_preferences):
        if curve not in CURVES:
            yield SettingError(f"unknown curve, expected one of {', '.join(CURVES)}", ("curve_preferences", index))
    yield from _mistakes_about_clients(settings)


def _mistakes_about_clients(settings: TlsServer) -> Iterator[SettingError]:
    auth, authorities = settings.client_auth_type, settings.client_ca or settings.client_ca_file
    if settings.client_ca and settings.client_ca_file:
        yield SettingError("goes not with client_ca", ("client_ca_file",))
    if auth in {"RequireClientCert", "RequireAnyClientCert"}:
        message = "takes a certificate that anybody made: write RequireAndVerifyClientCert"
        yield SettingError(message, ("client_auth_type",))
    elif auth in _VERIFYING and not authorities:
        yield SettingError(f"is required for {auth}", ("client_ca_file",))
    elif auth == "NoClientCert" and authorities:
        yield SettingError("has no use without client_auth_type", ("client_ca_file",))
    if settings.client_allowed_sans is not None and auth != "RequireAndVerifyClientCert":
        message = "requires client_auth_type to be RequireAndVerifyClientCert"
        yield SettingError(message, ("client_allowed_sans",))


def _choose_ciphers(context: ssl.SSLContext, settings: TlsServer) -> None:
    wanted = [SUITES[suite] for suite in settings.cipher_suites if suite in SUITES]
    if wanted:
        context.set_ciphers(":".join(wanted))
    elif settings.cipher_suites:  # only such of TLS 1.3
        context.minimum_version = ssl.TLSVersion.TLSv1_3
    if settings.prefer_server_cipher_suites:
        context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE
    else:
        context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
    if settings.curve_preferences:
        curve = settings.curve_preferences[0]  # Python can set one
        try:
            context.set_ecdh_curve(CURVES[curve])
        except ValueError:
            raise SettingErrors.one(f"{ssl.OPENSSL_VERSION} does not know {curve}", "curve_preferences", 0) from None


def _load_own(context: ssl.SSLContext, settings: TlsServer, folder: Path) -> None:
    with (
        _file(settings.cert, folder / settings.cert_file) as certificate,
        _file(settings.key, folder / settings.key_file) as key,
    ):
        try:
            # without a password of ours OpenSSL would ask for one at the terminal
            context.load_cert_chain(certificate, key, password=lambda: "")
        except ssl.SSLError as error:
            reason = {"KEY_VALUES_MISMATCH": "does not belong to the certificate"}.get(
                error.reason or "", "and the certificate cannot be used: both must be PEM, the key without a password"
            )
            raise SettingErrors.one(reason, "key_file" if settings.key_file else "key") from None


def _verify_clients(context: ssl.SSLContext, settings: TlsServer, folder: Path) -> None:
    context.verify_mode = _VERIFYING.get(settings.client_auth_type, ssl.CERT_NONE)
    if context.verify_mode is ssl.CERT_NONE:
        return
    with _file(settings.client_ca, folder / settings.client_ca_file) as authorities:
        try:
            context.load_verify_locations(authorities)
        except ssl.SSLError:
            key = "client_ca_file" if settings.client_ca_file else "client_ca"
            raise SettingErrors.one("has no certificate in PEM", key) from None


@contextmanager
def _file(text: str, path: Path) -> Iterator[str | Path]:
    """A path where OpenSSL finds the text, or the path itself if there is no text. It takes nothing but paths."""
    if not text:
        yield path
        return
    memory = os.memfd_create("pem", os.MFD_CLOEXEC)
    try:
        with os.fdopen(memory, "wb", closefd=False) as file:
            file.write(text.encode())
        yield f"/proc/self/fd/{memory}"
    finally:
        os.close(memory)
