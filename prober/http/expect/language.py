"""The expectation language as a JSON Schema, for editors."""

from __future__ import annotations

from typing import Any, Literal

from prober.http.expect.demands import PREDICATES, TEXT_PREDICATES
from prober.http.expect.filters import PLAIN_FILTERS
from prober.http.expect.predicates import COMPARISONS
from prober.http.expect.queries import BARE_QUERIES, QUERIES
from prober.model.errors import ErrorClass

__all__ = ["Schema", "checks_schema", "extract_schema"]

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_NAMES: Schema = {"type": "string", "minLength": 1}
_QUANTITY: Schema = {"type": ["number", "string"]}


def _one_or_more(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "array", "items": schema, "minItems": 1}]}


def _filter() -> Schema:
    with_argument = {"nth": {"type": "integer"}, "regex": _NAMES, "jsonpath": _NAMES, "split": _NAMES}
    return {
        "anyOf": [
            {"enum": list(PLAIN_FILTERS)},
            {
                "type": "object",
                "properties": with_argument,
                "additionalProperties": False,
                "minProperties": 1,
                "maxProperties": 1,
            },
        ]
    }


def _queries() -> Schema:
    found: Schema = {name: {"const": True} for name in BARE_QUERIES}
    found |= {name: _NAMES for name in QUERIES if name not in BARE_QUERIES}
    found["schema"] = {"type": "object"}
    return found | {"attr": _NAMES, "filters": _one_or_more(_filter())}


def _predicates() -> Schema:
    found: Schema = {name: {} for name in PREDICATES}
    found |= {name: _one_or_more({"type": ["string", "number"]}) for name in TEXT_PREDICATES}
    found |= dict.fromkeys(COMPARISONS, _QUANTITY)
    return found | {"in": {"type": "array", "minItems": 1}, "exists": {"type": "boolean"}}


def _shorthands() -> Schema:
    status = {"anyOf": [{"type": "integer", "minimum": 100, "maximum": 599}, {"type": "string"}, {"const": True}]}
    return {
        "status": _one_or_more(status),
        "content_type": {"anyOf": [_one_or_more(_NAMES), {"const": True}]},
        "model": {"anyOf": [_one_or_more(_NAMES), {"const": True}]},
    }


def checks_schema(of: Literal["expect", "condition"]) -> Schema:
    """What ``expect`` takes, or a condition, which knows neither severity nor error class."""
    properties = _queries() | _predicates() | _shorthands()
    if of == "expect":
        properties |= {
            "severity": {"enum": ["slow", "fail"]},
            "error_class": {"enum": [str(each) for each in ErrorClass]},
        }
    check: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    least = 0 if of == "expect" else 1
    return {"anyOf": [check | {"minProperties": least}, {"type": "array", "items": check, "minItems": least}]}


def extract_schema() -> Schema:
    """What ``extract`` takes: names, each with a query."""
    properties = {name: schema for name, schema in _queries().items() if name != "schema"}
    plain: Schema = {"type": ["string", "number", "boolean", "null"]}
    properties |= {"default": {"anyOf": [plain, {"type": "array", "items": plain}]}, "secret": {"type": "boolean"}}
    rule = {"type": "object", "properties": properties, "additionalProperties": False, "minProperties": 1}
    return {"type": "object", "additionalProperties": rule}
