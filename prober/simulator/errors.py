"""Error answers: those of known providers by name, and those of our own API in OpenAI's format."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

import yaml
from aiohttp import web

__all__ = ["ERRORS", "ApiError", "NamedError", "encoded"]


_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def encoded(value: object) -> bytes:
    """The value as compact JSON in UTF-8. Half of a surrogate pair becomes a question mark."""
    return _ENCODE(value).encode("utf-8", "replace")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedError:
    """How one provider answers one mistake or trouble."""

    status: int
    headers: Mapping[str, str]
    content_type: str
    body: bytes
    json: object = None

    @property
    def error_object(self) -> object:
        """The value of ``error``, as a chunk of a stream would carry it; None for a page."""
        return self.json.get("error") if isinstance(self.json, dict) else None

    def response(self, *, status: int | None = None) -> web.Response:
        """The answer, optionally with another status."""
        headers = {**self.headers, "Content-Type": self.content_type}
        return web.Response(status=status or self.status, headers=headers, body=self.body)


def _named(raw: Mapping[str, object]) -> NamedError:
    headers = raw.get("headers", {})
    status = raw["status"]
    assert isinstance(headers, dict)
    assert isinstance(status, int)
    if "json" in raw:
        return NamedError(
            status=status, headers=headers, content_type="application/json", body=encoded(raw["json"]), json=raw["json"]
        )
    return NamedError(
        status=status, headers=headers, content_type="text/html; charset=UTF-8", body=str(raw["html"]).encode()
    )


ERRORS: Mapping[str, NamedError] = {
    name: _named(raw)
    for name, raw in yaml.safe_load(files(__package__).joinpath("errors.yaml").read_text("utf-8")).items()
}
"""Every error of errors.yaml by its name, such as ``openai.quota``."""


class ApiError(Exception):
    """A refusal of the API, as OpenAI words it."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        kind: str = "invalid_request_error",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": code}}

    def response(self) -> web.Response:
        """The answer that carries it."""
        return web.Response(status=self.status, body=encoded(self.body), content_type="application/json")
