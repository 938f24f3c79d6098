"""What may stand in a web configuration, and what is said of what may not."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from prober.config import ConfigErrors, Sources
from prober.web.access.bucket import Bucket
from prober.web.access.reading import Access, read_access
from prober.web.access.suites import CURVES, SUITES, SUITES_13
from prober.web.access.tls import subject_names

if TYPE_CHECKING:
    from pathlib import Path

HASH = "$2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze"
PAIR = "cert_file: server.crt, key_file: server.key"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates and keys of several kinds."""
    path = tmp_path_factory.mktemp("web")
    authority = trustme.CA()
    for name in ("server", "other"):
        issued = authority.issue_cert("localhost")
        issued.private_key_pem.write_to_path(path / f"{name}.key")
        issued.cert_chain_pems[0].write_to_path(path / f"{name}.crt")
    authority.cert_pem.write_to_path(path / "ca.pem")
    (path / "nonsense.pem").write_text("nonsense")
    return path


def read(folder: Path, text: str) -> Access:
    (folder / "web.yml").write_text(text)
    return read_access(folder / "web.yml", Sources())


def errors(folder: Path, text: str) -> list[str]:
    """All that is wrong, without the file's name."""
    with pytest.raises(ConfigErrors) as caught:
        read(folder, text)
    return [str(error).partition("web.yml:")[2] for error in caught.value.errors]


GOOD = {
    "tls": f"tls_server_config: {{{PAIR}}}",
    "empty paths": f"tls_server_config: {{{PAIR}, client_ca_file: ''}}",
    "everything": f"""
tls_server_config:
  cert_file: server.crt
  key_file: server.key
  client_ca_file: ca.pem
  client_auth_type: RequireAndVerifyClientCert
  client_allowed_sans: [prometheus.example]
  min_version: TLS12
  max_version: TLS13
  cipher_suites: [{", ".join([*SUITES, *SUITES_13])}]
  prefer_server_cipher_suites: false
  curve_preferences: [X25519, CurveP256]
http_server_config:
  http2: true
  headers:
    Content-Security-Policy: default-src 'self'
    X-Frame-Options: deny
    X-Content-Type-Options: nosniff
    X-XSS-Protection: "1"
    Strict-Transport-Security: max-age=31536000
basic_auth_users:
  alice: {HASH}
  "1": {HASH.replace("2y", "2b")}
rate_limit: {{interval: 10ms, burst: 20}}
""",
    "sections without anything in them": f"tls_server_config:\nbasic_auth_users:\n  alice: {HASH}\n",
    "a certificate that is not looked at": f"tls_server_config: {{{PAIR}, client_auth_type: RequestClientCert}}",
    "only suites of TLS 1.3": f"tls_server_config: {{{PAIR}, cipher_suites: [TLS_AES_128_GCM_SHA256]}}",
}


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_what_may_stand_in_it(text: str, folder: Path) -> None:
    """All keys of exporter-toolkit."""
    assert (read(folder, text).context is not None) is ("cert_file" in text)


def test_certificates_may_stand_in_the_file_itself(folder: Path) -> None:
    """As the text of cert, key and client_ca."""
    names = {"cert": "server.crt", "key": "server.key", "client_ca": "ca.pem"}
    parts = (f"  {key}: {(folder / name).read_text()!r}" for key, name in names.items())
    text = "\n".join(parts).replace("'", '"')
    access = read(folder, f"tls_server_config:\n{text}\n  client_auth_type: VerifyClientCertIfGiven\n")
    assert access.context is not None
    assert access.context.verify_mode is ssl.CERT_OPTIONAL
    assert len(access.context.get_ca_certs()) == 1


BAD = {
    "empty": ("", "1:1: the file is empty"),
    "a comment": ("# nothing\n", "the file is empty"),
    "unknown key": ("basic_auth_user: {}", "1:1: basic_auth_user: unknown key, did you mean basic_auth_users?"),
    "unknown key below": (f"tls_server_config: {{{PAIR}, cert_path: x}}", "cert_path: unknown key, did you mean cert"),
    "key twice": ("rate_limit: {}\nrate_limit: {}", "2:1: rate_limit: "),
    "no key": ("tls_server_config: {cert_file: server.crt}", "tls_server_config.key_file: is required, or key"),
    "no certificate": ("tls_server_config: {client_auth_type: RequestClientCert}", "cert_file: is required, or cert"),
    "key twice in another way": (f"tls_server_config: {{{PAIR}, key: x}}", "key_file: goes not with key"),
    "no such file": ("tls_server_config: {cert_file: a.crt, key_file: a.key}", "No such file or directory"),
    "another key": (
        "tls_server_config: {cert_file: server.crt, key_file: other.key}",
        "tls_server_config.key_file: does not belong to the certificate",
    ),
    "no pem": ("tls_server_config: {cert_file: nonsense.pem, key_file: server.key}", "both must be PEM"),
    "no authorities": (
        f"tls_server_config: {{{PAIR}, client_auth_type: RequireAndVerifyClientCert, client_ca_file: nonsense.pem}}",
        "client_ca_file: has no certificate in PEM",
    ),
    "authorities that are not asked": (
        f"tls_server_config: {{{PAIR}, client_ca_file: ca.pem}}",
        "client_ca_file: has no use without client_auth_type",
    ),
    "clients of nobody": (
        f"tls_server_config: {{{PAIR}, client_auth_type: RequireAndVerifyClientCert}}",
        "client_ca_file: is required for RequireAndVerifyClientCert",
    ),
    "anybody's certificate": (
        f"tls_server_config: {{{PAIR}, client_auth_type: RequireAnyClientCert}}",
        "client_auth_type: takes a certificate that anybody made: write RequireAndVerifyClientCert",
    ),
    "names of nobody": (
        f"tls_server_config: {{{PAIR}, client_allowed_sans: [a]}}",
        "client_allowed_sans: requires client_auth_type to be RequireAndVerifyClientCert",
    ),
    "old version": (f"tls_server_config: {{{PAIR}, min_version: TLS10}}", "min_version: is broken for years"),
    "versions upside down": (
        f"tls_server_config: {{{PAIR}, min_version: TLS13, max_version: TLS12}}",
        "max_version: is below min_version",
    ),
    "unknown suite": (
        f"tls_server_config: {{{PAIR}, cipher_suites: [TLS_X]}}",
        "cipher_suites[0]: unknown cipher suite",
    ),
    "unknown curve": (f"tls_server_config: {{{PAIR}, curve_preferences: [P1]}}", "curve_preferences[0]: unknown curve"),
    "a password": ("basic_auth_users: {alice: wonderland}", "basic_auth_users.alice: is not a bcrypt hash"),
    "a hash for ever": (f"basic_auth_users: {{alice: {HASH.replace('10', '31', 1)}}}", "has the cost 31, and 4 to 16"),
    "a colon": (f'basic_auth_users: {{"a:b": {HASH}}}', "is no name that a client can send"),
    "another header": ("http_server_config: {headers: {X-Other: a}}", "headers.X-Other: cannot be set"),
    "another value": ("http_server_config: {headers: {X-Frame-Options: maybe}}", "expected deny or sameorigin"),
    "two headers": ('http_server_config: {headers: {X-XSS-Protection: "a\\r\\nb: c"}}', "that no header may have"),
    "no burst": ("rate_limit: {interval: 1s}", "rate_limit.burst: must be at least 1"),
    "no duration": ("rate_limit: {interval: 5, burst: 1}", "rate_limit.interval: expected a duration"),
}


@pytest.mark.parametrize(("text", "said"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_said(text: str, said: str, folder: Path) -> None:
    """Where it stands, what is wrong, and never what a password might be."""
    lines = errors(folder, text)
    assert any(said in line for line in lines), lines
    assert not any("wonderland" in line for line in lines)


def test_suites_and_versions_are_those_of_the_file(folder: Path) -> None:
    """OpenSSL is told what Go would be told."""
    suite = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
    context = read(folder, f"tls_server_config: {{{PAIR}, cipher_suites: [{suite}], max_version: TLS12}}").context
    assert context is not None
    assert [one["name"] for one in context.get_ciphers() if one["protocol"] == "TLSv1.2"] == [SUITES[suite]]
    assert context.maximum_version is ssl.TLSVersion.TLSv1_2
    context = read(folder, GOOD["only suites of TLS 1.3"]).context
    assert context is not None
    assert context.minimum_version is ssl.TLSVersion.TLSv1_3
    assert context.options & ssl.OP_CIPHER_SERVER_PREFERENCE


@pytest.mark.parametrize("curve", ["CurveP256", "CurveP384", "CurveP521", "X25519"])
def test_every_curve_of_today_can_be_chosen(curve: str, folder: Path) -> None:
    """By Go's name."""
    assert curve in CURVES
    assert read(folder, f"tls_server_config: {{{PAIR}, curve_preferences: [{curve}]}}").context is not None


def test_names_of_a_certificate() -> None:
    """Every kind of them, as people write it; and none of what is no certificate."""
    names = ("a.example", "192.0.2.7", "2001:db8::7", "mon@example.org")
    issued = trustme.CA().issue_cert(*names).cert_chain_pems[0].bytes().decode()
    assert subject_names(ssl.PEM_cert_to_DER_cert(issued)) == set(names)
    assert subject_names(b"") == subject_names(b"nonsense") == frozenset()


@given(
    st.integers(1, 50), st.integers(1, 10), st.lists(st.tuples(st.integers(0, 300), st.integers(1, 20)), max_size=30)
)
def test_a_bucket_gives_what_it_has(interval: int, burst: int, visits: list[tuple[int, int]]) -> None:
    """In any span of time at most the burst and one for each interval; and at least that if so many are asked for."""
    now = 0
    bucket = Bucket(interval, burst, lambda: now)
    tokens, filled = burst, 0
    for pause, asked in visits:
        now += pause
        tokens, filled = _filled(tokens, filled, now, interval, burst)
        taken = sum(bucket.take() for _ in range(asked))
        assert taken == min(asked, tokens)
        tokens -= taken


def _filled(tokens: int, filled: int, now: int, interval: int, burst: int) -> tuple[int, int]:
    """A bucket as one would draw it: a token whenever an interval is over, unless it is full, where the clock waits."""
    while filled + interval <= now and tokens < burst:
        tokens, filled = tokens + 1, filled + interval
    return tokens, now if tokens == burst else filled


def test_a_bucket_without_an_interval_is_never_empty() -> None:
    """0 turns it off."""
    bucket = Bucket(0, 0, lambda: 5)
    assert all(bucket.take() for _ in range(100))
