"""The settings of everything that speaks HTTP."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, Self

from yarl import URL

from prober.http.message import is_header
from prober.model.secret import Secret
from prober.model.setting import Duration, SettingError, SettingErrors, Size, refuse, setting
from prober.model.template import variables

__all__ = [
    "Basic",
    "Deadlines",
    "HttpSettings",
    "HttpUrl",
    "Limits",
    "ProxyUrl",
    "Redirects",
    "RedirectsTo",
    "Tls",
    "header_mistakes",
]

_KIB = 1024
_MIB = 1024 * _KIB
_NO_REASON = frozenset({"", "true", "false", "yes", "no", "on", "off", "1", "0"})


class HttpUrl(str):
    """An absolute http or https URL without user and password in it."""

    __slots__ = ()
    takes_variables: ClassVar[bool] = False

    @classmethod
    def from_setting(cls, raw: object) -> Self:
        """The URL as it was written. Raises SettingErrors."""
        if isinstance(raw, str) and variables(raw) and not cls.takes_variables:
            raise SettingErrors.one("there are no {{variables}} here: they belong to the steps of a login or journey")
        url = _parsed(raw)
        if url.user is not None or url.password is not None:
            raise SettingErrors.one("user and password do not belong into a URL: use `basic: {user, password}`")
        return cls(raw)

    @classmethod
    def json_schema(cls) -> Mapping[str, object]:
        """A string that begins with http:// or https://, or a reference to one."""
        return {"type": "string", "pattern": r"^(https?://|\$\{|\{\{)"}


class ProxyUrl(str):
    """The URL of a forward proxy that is spoken to in plain HTTP; user and password may stand in it."""

    __slots__ = ()

    @classmethod
    def from_setting(cls, raw: object) -> Self:
        """The URL as it was written. Raises SettingErrors."""
        if isinstance(raw, str) and not raw.lower().startswith("http://"):
            raise SettingErrors.one(
                "the connection to a proxy is plain HTTP, no TLS and no SOCKS: write http://host:port"
            )
        _parsed(raw)
        return cls(raw)

    @classmethod
    def json_schema(cls) -> Mapping[str, object]:
        """A string that begins with http://, or a reference to one."""
        return {"type": "string", "pattern": r"^(http://|\$\{)"}


def _parsed(raw: object) -> URL:
    if not isinstance(raw, str):
        raise SettingErrors.one("must be a URL such as https://example.com/path")
    try:
        url = URL(raw)
        port = url.port
    except ValueError:
        raise SettingErrors.one("must be a URL such as https://example.com/path") from None
    if url.scheme not in {"http", "https"} or not url.host or not port:
        raise SettingErrors.one("must be an absolute URL that begins with http:// or https://")
    return url


@dataclass(frozen=True, slots=True)
class RedirectsTo:
    """Where a redirect may lead: ``any``, ``same-origin``, ``none`` (it is the answer), or ``hosts``."""

    rule: Literal["any", "same-origin", "none", "hosts"]
    hosts: tuple[str, ...] = ()

    @classmethod
    def from_setting(cls, raw: object) -> Self:
        """The rule. Raises SettingErrors."""
        match raw:
            case "any" | "same-origin" | "none":
                return cls(raw)
            case [_, *_] if all(isinstance(host, str) and host for host in raw):
                return cls("hosts", tuple(str(host).lower() for host in raw))
        raise SettingErrors.one("must be any, same-origin, none, or a list of host names")

    @classmethod
    def json_schema(cls) -> Mapping[str, object]:
        """One of three words, or a list of host names."""
        hosts = {"type": "array", "minItems": 1, "items": {"type": "string"}}
        return {"anyOf": [{"enum": ["any", "same-origin", "none"]}, hosts]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirects:
    """How redirects are followed."""

    max: int = setting("So many redirects are followed; 0 makes a redirect the answer.", default=5)
    to: RedirectsTo | None = setting(
        "any, same-origin, none or a list of hosts; the default is any, and same-origin where a key is sent.",
        default=None,
    )

    def __post_init__(self) -> None:
        if not 0 <= self.max <= 50:
            raise SettingErrors.one("must be between 0 and 50", "max")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """How the server is authenticated, and how we are."""

    ca_file: str | None = setting("PEM file of the authorities to trust instead of the system's.", default=None)
    client_cert_file: str | None = setting("PEM file of our certificate.", default=None)
    client_key_file: str | None = setting("PEM file of our key, if it is not in the certificate's file.", default=None)
    server_name: str | None = setting("Name to ask for and to verify instead of the URL's host.", default=None)
    insecure: str | None = setting("Do not verify the certificate; the text says why that is right.", default=None)

    def __post_init__(self) -> None:
        refuse(self._mistakes())

    def _mistakes(self) -> Iterator[SettingError]:
        if self.insecure is not None and self.insecure.strip().lower() in _NO_REASON:
            yield SettingError("say in words why the certificate is not verified", ("insecure",))
        if self.client_key_file is not None and self.client_cert_file is None:
            yield SettingError("goes with client_cert_file", ("client_key_file",))
        for name in ("ca_file", "client_cert_file", "client_key_file"):
            path = getattr(self, name)
            if path is not None and not Path(path).is_file():
                yield SettingError(f"{path} is not a readable file", (name,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds on what a server may send. What exceeds one is the failure unexpected_response."""

    header_line: Size = setting("One header line.", default=Size(64 * _KIB))
    headers: Size = setting("Status line and all headers.", default=Size(256 * _KIB))
    informational: int = setting("Informational (1xx) responses before the final one.", default=8)
    body: Size = setting("The body, on the wire and decoded.", default=Size(10 * _MIB))
    stream: Size = setting("An event stream as a whole.", default=Size(32 * _MIB))
    event: Size = setting("One event of a stream.", default=Size(8 * _MIB))
    events: int = setting("Events of one stream.", default=20_000)
    cookies: int = setting("Cookies kept during one run.", default=1_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """How long a phase may last; where none is given, the run's timeout rules."""

    dns: Duration | None = setting("Resolving the name.", default=None)
    connect: Duration | None = setting("Connecting, all addresses together.", default=None)
    tls: Duration | None = setting("The TLS handshake.", default=None)
    first_byte: Duration | None = setting("From the request's end to complete status and headers.", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings:
    """The keys that every probe takes that speaks HTTP."""

    headers: Mapping[str, str] = setting("Headers of every request to the probe's own origin.", factory=dict)
    tls: Tls = setting("Certificates.", factory=Tls)
    proxy: ProxyUrl | None = setting("Forward proxy, as http://user:password@host:port.", default=None)
    ip: Literal["auto", "4", "6"] = setting("Address family.", default="auto")
    redirects: Redirects = setting("How redirects are followed.", factory=Redirects)
    limits: Limits = setting("Bounds on what a server may send.", factory=Limits)
    deadlines: Deadlines = setting("How long each phase may last.", factory=Deadlines)

    def header_mistakes(self) -> Iterator[SettingError]:
        """The configured headers that could never be sent."""
        yield from header_mistakes(self.headers)


def header_mistakes(headers: Mapping[str, str]) -> Iterator[SettingError]:
    """Those of the headers that no message can have, as mistakes of the key ``headers``. Their values stay secret."""
    for name, value in headers.items():
        if not name:
            continue  # the file's reader has told of it
        if not is_header(name, ""):
            yield SettingError("the name of a header is ASCII, without spaces and colons", ("headers", name))
        elif not is_header(name, value):
            yield SettingError("the value of a header is a single line", ("headers", name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Basic:
    """User and password of HTTP basic authentication."""

    user: str = setting("The user's name.")
    password: Secret = setting("The password, by reference.")

    def header(self) -> str:
        """The value of the Authorization header."""
        return "Basic " + base64.b64encode(f"{self.user}:{self.password.reveal()}".encode()).decode()
