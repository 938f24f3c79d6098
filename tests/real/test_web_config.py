"""Debian's Prometheus scrapes `prober run` over TLS, with a certificate of its own and a password."""

from __future__ import annotations

import json
import subprocess
import urllib.parse
from typing import TYPE_CHECKING, Any

import bcrypt
import trustme
import yaml

from tests.real.command import running_behind
from tests.real.process import Server, fetch, free_port, started, until

if TYPE_CHECKING:
    from pathlib import Path

_WEB = """\
tls_server_config:
  cert_file: server.crt
  key_file: server.key
  client_ca_file: ca.pem
  client_auth_type: RequireAndVerifyClientCert
  client_allowed_sans: [prometheus.example]
  min_version: TLS13
basic_auth_users:
  prometheus: {hash}
"""


def _certify(folder: Path, authority: trustme.CA) -> None:
    """Another certificate of the server, as a renewal brings it."""
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(folder / "server.key")
    issued.cert_chain_pems[0].write_to_path(folder / "server.crt")


def _write(folder: Path, authority: trustme.CA) -> None:
    """All files of both sides."""
    _certify(folder, authority)
    authority.cert_pem.write_to_path(folder / "ca.pem")
    client = authority.issue_cert("prometheus.example")
    client.private_key_pem.write_to_path(folder / "client.key")
    client.cert_chain_pems[0].write_to_path(folder / "client.crt")
    known = bcrypt.hashpw(b"let me in", bcrypt.gensalt(10)).decode()
    (folder / "web.yml").write_text(_WEB.format(hash=known))


def _config(target: str) -> dict[str, Any]:
    """Three jobs: one has all it needs, one lacks the certificate, one has a wrong password."""
    tls = {"ca_file": "ca.pem", "cert_file": "client.crt", "key_file": "client.key"}
    jobs = {"whole": (tls, "let me in"), "bare": ({"ca_file": "ca.pem"}, "let me in"), "wrong": (tls, "let us in")}
    return {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
        "scrape_configs": [
            {
                "job_name": name,
                "scheme": "https",
                "tls_config": tls,
                "basic_auth": {"username": "prometheus", "password": password},
                "static_configs": [{"targets": [target]}],
            }
            for name, (tls, password) in jobs.items()
        ],
    }


def _ask(prometheus: Server, query: str) -> dict[str, float]:
    """The values of a query, by job."""
    answer = json.loads(fetch(f"{prometheus.url}/api/v1/query?query={urllib.parse.quote(query)}"))
    return {one["metric"].get("job", ""): float(one["value"][1]) for one in answer["data"]["result"]}


def _shown(folder: Path, prober: Server) -> str:
    """The certificate that a new connection is shown, as OpenSSL writes it."""
    command = ["openssl", "s_client", "-connect", prober.url.removeprefix("https://"), "-CAfile", "ca.pem"]
    command += ["-cert", "client.crt", "-key", "client.key"]
    said = subprocess.run(command, cwd=folder, input=b"", capture_output=True, timeout=20, check=True).stdout.decode()
    head, foot = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    return head + said.partition(head)[2].partition(foot)[0] + foot


def test_prometheus_gets_in(tmp_path: Path) -> None:
    """It alone, and also after the certificate has been renewed."""
    authority = trustme.CA()
    _write(tmp_path, authority)
    probe = {"name": "a", "kind": "http", "url": "http://127.0.0.1:9/", "interval": "1s"}
    listen = f"127.0.0.1:{free_port()}"
    with running_behind(tmp_path, [probe], "web.yml") as prober:
        (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(_config(prober.url.removeprefix("https://"))))
        command = ["prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=data"]
        command.append(f"--web.listen-address={listen}")
        with started(command, url=f"http://{listen}", folder=tmp_path, ready="/-/ready") as prometheus:
            until(lambda: _ask(prometheus, "up") == {"whole": 1, "bare": 0, "wrong": 0}, seconds=20)
            until(lambda: _ask(prometheus, 'prober_probe_success{probe="a"}') == {"whole": 0}, seconds=20)
            _certify(tmp_path, authority)
            assert _shown(tmp_path, prober) == (tmp_path / "server.crt").read_text().strip()
            until(lambda: _ask(prometheus, 'min_over_time(up{job="whole"}[3s])') == {"whole": 1}, seconds=20)
            assert "Traceback" not in prober.log.read_text()
