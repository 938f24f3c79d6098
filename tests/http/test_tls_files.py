"""TLS contexts of runs follow the files that they are made of."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest
import trustme

from prober.http.network import HostNetwork
from prober.model.errors import ErrorClass, ProbeFailure
from prober.model.network import TlsKey

if TYPE_CHECKING:
    from pathlib import Path


def test_a_context_is_made_anew_when_its_files_are_replaced(tmp_path: Path) -> None:
    """The next run has the new certificate; while one file is missing, or of another pair, the old context goes on."""
    authority = trustme.CA()
    certificate, key = tmp_path / "client.pem", tmp_path / "client.key"

    def write(*, with_key: bool = True) -> None:
        issued = authority.issue_cert("prober.example")
        certificate.write_bytes(issued.cert_chain_pems[0].bytes())
        if with_key:
            key.write_bytes(issued.private_key_pem.bytes())

    network = HostNetwork()
    wanted = TlsKey(client_cert_file=str(certificate), client_key_file=str(key))
    with pytest.raises(FileNotFoundError):
        network.tls_context(wanted)
    write()
    first = network.tls_context(wanted)
    assert network.tls_context(wanted) is first
    write(with_key=False)
    assert network.tls_context(wanted) is first
    key.unlink()
    assert network.tls_context(wanted) is first
    write()
    second = network.tls_context(wanted)
    assert second is not first
    assert isinstance(second, ssl.SSLContext)


def test_a_host_without_authorities_is_not_the_targets_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in an image without ca-certificates: nobody's certificate could be verified. One authority is enough."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", f"{tmp_path / 'missing'}:{tmp_path / 'folder'}")
    (tmp_path / "folder").mkdir()
    with pytest.raises(ProbeFailure) as failure:
        HostNetwork().tls_context(TlsKey())
    assert (failure.value.error_class, failure.value.detail) == (ErrorClass.PROBER_ERROR, "config")
    HostNetwork().tls_context(TlsKey(verify=False))
    (tmp_path / "folder" / "0a1b2c3d.0").touch()
    HostNetwork().tls_context(TlsKey())
