"""Certificates for every reason to refuse one (faults T1, T2 and T5)."""

from __future__ import annotations

import datetime as dt
import ssl
from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

__all__ = ["EXPIRED", "Certificates", "make"]

EXPIRED = dt.datetime(2024, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
"""When the expired certificate ended."""

_BEGIN = dt.datetime(2023, 1, 1, tzinfo=dt.UTC)
_FAR = dt.datetime(2090, 1, 1, tzinfo=dt.UTC)
_NAMES = ("localhost", "127.0.0.1", "127.0.0.2", "healthy.test")


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """Server contexts by name, one that asks for a client's certificate, and what a client needs for all of them."""

    contexts: dict[str, ssl.SSLContext]
    asks_for_one: ssl.SSLContext
    ca_file: Path
    client_file: Path


def _context(cert: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    cert.configure_cert(context)
    return context


def _self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    cert = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_BEGIN)
        .not_valid_after(_FAR)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "self-signed.pem"
    path.write_bytes(private + cert.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def make(folder: Path) -> Certificates:
    """New certificates; what a client needs is written to the folder."""
    ca = trustme.CA()
    ca_file, client_file = folder / "ca.pem", folder / "client.pem"
    ca.cert_pem.write_to_path(ca_file)
    ca.issue_cert("probe@example.test").private_key_and_cert_chain_pem.write_to_path(client_file)
    good = ca.issue_cert(*_NAMES, not_before=_BEGIN, not_after=_FAR)
    contexts = {
        "tls": _context(good),
        "tls-expired": _context(ca.issue_cert(*_NAMES, not_before=_BEGIN, not_after=EXPIRED)),
        "tls-not-yet": _context(ca.issue_cert(*_NAMES, not_before=_FAR, not_after=_FAR + dt.timedelta(days=9))),
        "tls-wrong-host": _context(ca.issue_cert("other.test")),
        "tls-unknown-ca": _context(trustme.CA().issue_cert(*_NAMES)),
        "tls-self-signed": _self_signed(folder),
    }
    asks_for_one = _context(good)
    asks_for_one.verify_mode = ssl.CERT_REQUIRED
    asks_for_one.load_verify_locations(ca_file)
    return Certificates(contexts=contexts, asks_for_one=asks_for_one, ca_file=ca_file, client_file=client_file)
