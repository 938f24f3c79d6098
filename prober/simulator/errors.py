"""Error answers: those of known providers by name, and a refusal in whatever words an API has for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

import yaml
from aiohttp import web

__all__ = ["ERRORS", "WORDS", "ApiError", "NamedError", "Refusal", "encoded"]

WORDS = ("bad_key", "invalid_request", "model_missing", "rate_limit", "quota", "overloaded", "server_error")
"""Troubles that every API has, each in its own form: ``overloaded`` is ``anthropic.overloaded`` to Anthropic's."""

_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def encoded(value: object) -> bytes:
    """The value as compact JSON in UTF-8. Half of a surrogate pair becomes a question mark."""
    return _ENCODE(value).encode("utf-8", "replace")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedError:
    """How one provider answers one mistake or trouble. ``dialect`` is what the name begins with."""

    dialect: str
    status: int
    headers: Mapping[str, str]
    content_type: str
    body: bytes
    json: object = None

    @property
    def error_object(self) -> object:
        """The value of ``error``, as a chunk of a stream would carry it; None for a page."""
        return self.json.get("error") if isinstance(self.json, dict) else None

    @property
    def message(self) -> str:
        """What it says to people."""
        error = self.error_object
        return str(error.get("message", "")) if isinstance(error, dict) else str(error)

    @property
    def code(self) -> str:
        """The word in it that is meant for programs."""
        error = self.error_object
        words = [error.get(name) for name in ("code", "type", "status")] if isinstance(error, dict) else []
        return next((word for word in words if word and isinstance(word, str)), "server_error")

    def response(self, *, status: int | None = None, request_id: str | None = None) -> web.Response:
        """The answer, optionally with another status, and with the id of the request where its body tells one."""
        headers = {**self.headers, "Content-Type": self.content_type}
        body = self.body if self.json is None else encoded(_signed(self.json, request_id))
        return web.Response(status=status or self.status, headers=headers, body=body)


def _signed(body: object, request_id: str | None) -> object:
    if request_id is None or not isinstance(body, dict) or "request_id" not in body:
        return body
    return {**body, "request_id": request_id}


def _named(name: str, raw: Mapping[str, object]) -> NamedError:
    headers = raw.get("headers", {})
    status = raw["status"]
    assert isinstance(headers, dict)
    assert isinstance(status, int)
    body, content_type = raw.get("json"), "application/json"
    if "html" in raw:
        content_type = "text/html; charset=UTF-8"
    return NamedError(
        dialect=name.partition(".")[0],
        status=status,
        headers=headers,
        content_type=content_type,
        body=encoded(body) if body is not None else str(raw["html"]).encode(),
        json=body,
    )


ERRORS: Mapping[str, NamedError] = {
    name: _named(name, raw)
    for name, raw in yaml.safe_load(files(__package__).joinpath("errors.yaml").read_text("utf-8")).items()
}
"""Every error of errors.yaml by its name, such as ``openai.quota``."""


class Refusal(Exception):
    """An API's no: a status, and a body in the words of that API."""

    def __init__(self, status: int, body: object, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = headers or {}

    def response(self, request_id: str | None = None) -> web.Response:
        """The answer that carries it."""
        headers = {"Content-Type": "application/json; charset=utf-8", **self.headers}
        return web.Response(status=self.status, headers=headers, body=encoded(_signed(self.body, request_id)))


class ApiError(Refusal):
    """A refusal as OpenAI words it."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        kind: str = "invalid_request_error",
    ) -> None:
        super().__init__(status, {"error": {"message": message, "type": kind, "param": param, "code": code}})
