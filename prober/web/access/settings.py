"""The keys of a web configuration, as exporter-toolkit of Prometheus names them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self

from prober.config import parse_duration
from prober.model.setting import SettingErrors, setting

__all__ = ["ClientAuth", "HttpServer", "Pause", "RateLimit", "TlsServer", "TlsVersion", "WebConfig"]

ClientAuth = Literal[
    "NoClientCert",
    "RequestClientCert",
    "RequireClientCert",
    "RequireAnyClientCert",
    "VerifyClientCertIfGiven",
    "RequireAndVerifyClientCert",
]
TlsVersion = Literal["TLS10", "TLS11", "TLS12", "TLS13"]


@dataclass(frozen=True, slots=True)
class Pause:
    """A length of time in nanoseconds, which may be 0 without a unit."""

    ns: int

    @classmethod
    def from_setting(cls, raw: object) -> Self:
        """The time of ``10ms`` or ``0``. Raises SettingErrors."""
        if raw == 0:
            return cls(0)
        if not isinstance(raw, str):
            raise SettingErrors.one("expected a duration such as 10ms")
        return cls(parse_duration(raw))

    @classmethod
    def json_schema(cls) -> Mapping[str, object]:
        """A duration, or nothing."""
        return {"type": ["string", "integer"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsServer:
    """How TLS is spoken, and with whom."""

    cert: str = setting("Our certificate and its chain, in PEM.", default="")
    key: str = setting("The key of it, in PEM.", default="")
    client_ca: str = setting("The authorities of clients' certificates, in PEM.", default="")
    cert_file: str = setting("File with our certificate and its chain.", default="")
    key_file: str = setting("File with the key of it.", default="")
    client_ca_file: str = setting("File with the authorities of clients' certificates.", default="")
    client_auth_type: ClientAuth = setting("What is asked of clients.", default="NoClientCert")
    client_allowed_sans: tuple[str, ...] | None = setting("One of these names must be in it.", default=None)
    min_version: TlsVersion = setting("The oldest version.", default="TLS12")
    max_version: TlsVersion = setting("The newest version.", default="TLS13")
    cipher_suites: tuple[str, ...] = setting("Those for TLS 1.2, by Go's names.", default=())
    prefer_server_cipher_suites: bool = setting("Our order counts, not the client's.", default=True)
    curve_preferences: tuple[str, ...] = setting("Elliptic curves, by Go's names.", default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpServer:
    """What is said in every answer."""

    http2: bool = setting("Not spoken in any case.", default=True)
    headers: Mapping[str, str] = setting("Headers of every answer.", factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """How many requests are answered, all clients together."""

    interval: Pause = setting("A request in so much time; 0 is without limit.", default=Pause(0))
    burst: int = setting("So many may come at once.", default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebConfig:
    """The file."""

    tls_server_config: TlsServer = setting("How TLS is spoken.", factory=TlsServer)
    http_server_config: HttpServer = setting("What is said in every answer.", factory=HttpServer)
    basic_auth_users: Mapping[str, str] = setting("The bcrypt hash of each user's password.", factory=dict)
    rate_limit: RateLimit = setting("How many requests are answered.", factory=RateLimit)
