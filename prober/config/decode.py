"""From the annotations of a dataclass to the readers of its settings."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from prober.config.errors import shown
from prober.config.fields import DataclassReader, FieldPlan
from prober.config.nodes import MapNode, Node
from prober.config.readers import (
    LiteralReader,
    NodeReader,
    Reader,
    ScalarReader,
    SecretReader,
    Sort,
    integer,
    number,
    text,
    truth,
)
from prober.config.scalars import (
    DURATION_PATTERN,
    RATIO_PATTERN,
    SIZE_PATTERN,
    format_duration,
    format_ratio,
    format_size,
    parse_duration,
    parse_ratio,
    parse_size,
)
from prober.config.scope import Use
from prober.config.structures import CustomReader, ListReader, MappingReader, RawReader, UnionReader
from prober.model.secret import Secret
from prober.model.setting import Custom, Duration, Ratio, Size

__all__ = ["PUBLIC", "plans_of", "reader_of"]

PUBLIC = frozenset({"location", "labels", "model", "provider", "service"})
"""Fields that become labels: what a reference in them leads to is no secret."""


def _zero_or_duration(value: str, _plain: bool) -> Duration:
    return parse_duration(value)


def _duration(value: str, _plain: bool) -> Duration:
    duration = parse_duration(value)
    if duration == 0:
        raise ValueError(f"{shown(value)} must be longer than nothing")
    return duration


def _ratio(value: str, _plain: bool) -> Ratio:
    return parse_ratio(value)


def _size(value: str, _plain: bool) -> Size:
    return parse_size(value)


def _scalar(*exact: Sort, parse: Any, schema: Mapping[str, object], **more: Any) -> ScalarReader:
    return ScalarReader(**{"wanted": str(exact[0]), "exact": frozenset(exact), "parse": parse, "schema": schema} | more)


_REFERENCE = frozenset({Sort.REFERENCE})
_ANY_NUMBER = (Sort.TEXT, Sort.INT, Sort.FLOAT)
_DURATION: Mapping[str, Any] = {
    "wanted": "a duration such as 10s",
    "schema": {"type": "string", "pattern": DURATION_PATTERN},
    "kept": int,
    "write": format_duration,
}

_SCALARS: Mapping[Any, Reader] = {
    str: _scalar(
        Sort.TEXT, parse=text, schema={"type": ["string", "number", "boolean"]}, use=Use.TEXT, gap=True, write=str
    ),
    int: _scalar(Sort.INT, parse=integer, kept=int, schema={"type": "integer"}, loose=_REFERENCE),
    float: _scalar(Sort.FLOAT, parse=number, kept=float, schema={"type": "number"}, loose=_REFERENCE | {Sort.INT}),
    bool: _scalar(Sort.BOOL, parse=truth, kept=bool, schema={"type": "boolean"}, loose=_REFERENCE),
    Duration: _scalar(Sort.TEXT, parse=_duration, **_DURATION),
    Ratio: _scalar(
        *_ANY_NUMBER,
        parse=_ratio,
        kept=float,
        wanted="a share such as 99.5%",
        schema={
            "anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, {"type": "string", "pattern": RATIO_PATTERN}]
        },
        write=format_ratio,
    ),
    Size: _scalar(
        *_ANY_NUMBER,
        parse=_size,
        kept=int,
        wanted="a size such as 64KiB",
        schema={"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": SIZE_PATTERN}]},
        write=format_size,
    ),
    Secret: SecretReader(),
    object: RawReader(),
    Node: NodeReader(),
    MapNode: NodeReader(wanted="a mapping", exact=frozenset({Sort.MAP})),
}
_DURATION_OR_ZERO = _scalar(Sort.TEXT, parse=_zero_or_duration, **_DURATION)


@cache
def reader_of(hint: Any, *, zero: bool = False) -> Reader:
    """The reader of a type. ``zero`` allows ``0s`` for a duration. Raises TypeError for a type that has none."""
    if hint is Duration and zero:
        return _DURATION_OR_ZERO
    if hint in _SCALARS:
        return _SCALARS[hint]
    return _reader_of_class(hint) if isinstance(hint, type) else _reader_of_form(hint, zero=zero)


def _reader_of_form(hint: Any, *, zero: bool) -> Reader:
    origin, args = get_origin(hint), get_args(hint)
    if origin is Literal:
        return LiteralReader(options={_written(option): option for option in args})
    if origin in {Union, types.UnionType}:
        members = tuple(reader_of(member, zero=zero) for member in args if member is not types.NoneType)
        return UnionReader(members=members, optional=types.NoneType in args)
    if origin is tuple and len(args) == 2 and args[1] is Ellipsis:
        return ListReader(item=reader_of(args[0]))
    if origin is Mapping:
        return MappingReader(key=reader_of(args[0]), value=reader_of(args[1]))
    raise TypeError(f"{hint} has no form in probes.yaml")


def _reader_of_class(hint: Any) -> Reader:
    if issubclass(hint, Custom):
        return CustomReader(custom=hint)
    if issubclass(hint, Enum):
        return LiteralReader(options={str(member.value): member for member in hint})
    if dataclasses.is_dataclass(hint) and any("doc" in field.metadata for field in dataclasses.fields(hint)):
        make: Any = hint
        return DataclassReader(make=make, plans=lambda: plans_of(make))
    raise TypeError(f"{hint} has no form in probes.yaml")


def _written(option: str | int | bool) -> str:
    return str(option).lower() if isinstance(option, bool) else str(option)


def plans_of(cls: type[object]) -> tuple[FieldPlan, ...]:
    """How the fields that ``setting()`` made are read, in their order: the others are not keys of the file.

    A duration whose default is zero may be ``0s``.
    """
    known: Any = cls
    return _plans(known)


@cache
def _plans(cls: Any) -> tuple[FieldPlan, ...]:
    hints = get_type_hints(cls)
    return tuple(_plan(field, hints[field.name]) for field in dataclasses.fields(cls) if "doc" in field.metadata)


def _plan(field: dataclasses.Field[Any], hint: Any) -> FieldPlan:
    has_factory = field.default_factory is not dataclasses.MISSING
    has_default = field.default is not dataclasses.MISSING
    key = field.metadata.get("key") or field.name
    return FieldPlan(
        name=field.name,
        key=key,
        doc=field.metadata["doc"],
        reader=reader_of(hint, zero=has_default and field.default == 0),
        required=not has_default and not has_factory,
        default=field.default if has_default else None,
        public=key in PUBLIC,
    )
