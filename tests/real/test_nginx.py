"""nginx serves a page over TLS with an authority of our own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from tests.real.command import check
from tests.real.process import free_port, started, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CONFIG = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr;
{user}
events {{ worker_connections 64; }}
http {{
  access_log off;
  gzip on;
  gzip_min_length 1;
  client_body_temp_path {folder}/temp; proxy_temp_path {folder}/temp; fastcgi_temp_path {folder}/temp;
  uwsgi_temp_path {folder}/temp; scgi_temp_path {folder}/temp;
  default_type text/html;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {folder}/server.pem;
    ssl_certificate_key {folder}/server.pem;
    root {folder}/www;
  }}
}}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The URL of a page, and the file of the authority that signed its certificate."""
    folder = tmp_path_factory.mktemp("nginx")
    ca = trustme.CA()
    ca.cert_pem.write_to_path(folder / "ca.pem")
    ca.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    (folder / "www").mkdir()
    (folder / "www" / "index.html").write_text("<!doctype html><title>Lab</title><h1>Welcome to the lab</h1>")
    port = free_port()
    user = "user root;" if os.geteuid() == 0 else ""  # the files are readable to us alone
    (folder / "nginx.conf").write_text(_CONFIG.format(folder=folder, port=port, user=user))
    url = f"https://localhost:{port}/"
    with started(["nginx", "-c", str(folder / "nginx.conf")], url=url, folder=folder, ready=None) as server:
        until((folder / "nginx.pid").exists, seconds=10)
        assert server.process.poll() is None, server.log.read_text()
        yield url, folder / "ca.pem"


def _page(url: str, **settings: Any) -> dict[str, Any]:
    expect = {"contains": "Welcome to the lab", "content_type": "text/html"}
    return {
        "name": "page",
        "kind": "page",
        "provider": "lab",
        "service": "site",
        "url": url,
        "expect": expect,
        **settings,
    }


def test_the_page_is_seen_over_tls(site: tuple[str, Path], tmp_path: Path) -> None:
    """With the authority named, the page is read through TLS and gzip, and its certificate's end is known."""
    url, ca_file = site
    said = check(tmp_path, [_page(url, tls={"ca_file": str(ca_file)})])
    page = said.probes["page"]
    assert said.code == 0, page
    assert page["result"] == "ok"
    assert [phase["name"] for phase in page["phases"]][:6] == [
        "resolve",
        "connect",
        "tls",
        "request",
        "processing",
        "transfer",
    ]
    assert page["measures"]["certificate_days"] > 1


def test_an_authority_that_nobody_named_is_not_trusted(site: tuple[str, Path], tmp_path: Path) -> None:
    """Without it the handshake fails, and the end of the certificate is known all the same."""
    said = check(tmp_path, [_page(site[0])])
    page = said.probes["page"]
    assert said.code == 1
    assert (page["error_class"], page["detail"], page["phase"], page["fault"]) == (
        "tls_error",
        "untrusted",
        "tls",
        "target",
    )
    assert page["measures"]["certificate_days"] > 1
