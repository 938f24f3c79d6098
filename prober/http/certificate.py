"""When the server's certificate ends, also where the handshake refused it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, cast

from cryptography import x509

if TYPE_CHECKING:
    import asyncio
    import ssl

    from prober.model.run import Run

__all__ = ["note_expiry"]


@lru_cache(maxsize=4096)
def _expiry(certificate: bytes) -> float | None:
    """Unix time of the end of a DER certificate. Cached: most runs see the certificate of the run before."""
    try:
        return x509.load_der_x509_certificate(certificate).not_valid_after_utc.timestamp()
    except ValueError:
        return None


def note_expiry(transport: asyncio.BaseTransport, run: Run) -> float | None:
    """Unix time at which the peer's certificate ends, noted in the run's measures; None without TLS."""
    peer = cast("ssl.SSLObject | None", transport.get_extra_info("ssl_object"))
    certificate = peer.getpeercert(binary_form=True) if peer is not None else None
    expiry = _expiry(certificate) if certificate else None
    if expiry is not None:
        run.measures["certificate_expiry"] = expiry
        run.measures["certificate_days"] = (expiry - run.started_at_ns / 1e9) / 86_400
    return expiry
