"""The JSON Schema of probes.yaml, for editors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.config.decode import plans_of
from prober.config.defaults import inheritable
from prober.config.document import Document
from prober.config.fields import DataclassReader, FieldPlan
from prober.config.matrix import MATRIX
from prober.config.readers import LiteralReader, Reader, ScalarReader, SecretReader
from prober.config.references import REFERENCE_PATTERN
from prober.config.rules import NAME_PATTERN
from prober.config.scalars import natural
from prober.config.structures import CustomReader, ListReader, MappingReader, UnionReader
from prober.model.probe import Common, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["json_schema"]

_Schema = dict[str, object]

_REFERENCE = {"$ref": "#/$defs/reference"}
_DEFINITIONS: Mapping[str, object] = {
    "reference": {"type": "string", "pattern": REFERENCE_PATTERN},
    "secret": {
        "description": "A secret: ${env:NAME}, ${file:/path} or ${credential:name}.",
        "type": "string",
        "pattern": REFERENCE_PATTERN + r"|^(\{\{[^{}]+\}\})+$",
    },
}
_ONE_VALUE = {"type": ["string", "number", "boolean"]}


def json_schema(kinds: Mapping[str, Kind[object]]) -> dict[str, object]:
    """The schema (draft 2020-12) of the main file, with the settings of these kinds.

    It knows keys and the form of values. What takes looking at two places, such as a required key that stands under
    ``defaults`` or a name given twice, only loading finds.
    """
    return _Writer().document(kinds)


class _Writer:
    """Writes schemas of readers; classes go under ``$defs``, where they may refer to each other."""

    def __init__(self) -> None:
        self._definitions: _Schema = dict(_DEFINITIONS)
        self._names: dict[type[object], str] = {}

    def document(self, kinds: Mapping[str, Kind[object]]) -> _Schema:
        """The schema of the whole file."""
        properties = self._properties(plans_of(Document))
        properties["version"] = {"description": "Version of the format.", "const": 1}
        defaults = {"description": "Settings for all probes that do not give their own.", **self._defaults(kinds)}
        of_provider = {"type": "object", "additionalProperties": self._defaults(kinds)}
        providers = {"description": "Settings for all probes of a provider, by its name.", **of_provider}
        probes = {"description": "What is probed.", "type": "array", "items": self._probe(kinds)}
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "probes.yaml",
            **_closed(
                {**properties, "defaults": defaults, "providers": providers, "probes": probes}, required=["version"]
            ),
            "$defs": self._definitions,
        }

    def _probe(self, kinds: Mapping[str, Kind[object]]) -> _Schema:
        """An entry under ``probes``: which keys it may have depends on its kind."""
        for kind in kinds.values():
            self._definitions[f"kind-{kind.name}"] = self._kind(kind)
        choices = [
            {
                "if": {"properties": {"kind": {"const": name}}, "required": ["kind"]},
                "then": {"$ref": f"#/$defs/kind-{name}"},
            }
            for name in kinds
        ]
        kind_key = {"description": "What is done.", "enum": list(kinds)}
        return {"type": "object", "required": ["name", "kind"], "properties": {"kind": kind_key}, "allOf": choices}

    def _kind(self, kind: Kind[object]) -> _Schema:
        plans = {plan.key: plan for plan in (*plans_of(kind.settings), *plans_of(Common))}
        properties = self._properties(plans.values())
        name = {"description": plans["name"].doc, "type": "string", "pattern": NAME_PATTERN}
        choices = {key: {"type": "array", "minItems": 1, "items": _ONE_VALUE} for key in plans if key != "name"}
        own = {
            "name": name,
            "kind": {"const": kind.name},
            "slow": {"description": plans["slow"].doc, **self._slow(["total", *kind.slow])},
            MATRIX: {"description": "One probe for each combination of these values.", **_closed(choices)},
        }
        required = [_given_or_in_matrix(key) for key, plan in plans.items() if plan.required and key not in own]
        return {"description": kind.doc, **_closed({**properties, **own}), **({"allOf": required} if required else {})}

    def _slow(self, keys: Iterable[str]) -> _Schema:
        plan = next(plan for plan in plans_of(Common) if plan.key == "slow")
        assert isinstance(plan.reader, MappingReader)
        value = self._of(plan.reader.value)
        return _closed(dict.fromkeys(keys, value))

    def _defaults(self, kinds: Mapping[str, Kind[object]]) -> _Schema:
        properties: _Schema = {}
        for key in dict.fromkeys(key for kind in kinds.values() for key in inheritable(kind)):
            plans = [inheritable(kind)[key] for kind in kinds.values() if key in inheritable(kind)]
            readers = list({id(plan.reader): plan.reader for plan in plans}.values())
            properties[key] = {"description": plans[0].doc, **_any_of([self._of(reader) for reader in readers])}
        thresholds = ["total", *(key for kind in kinds.values() for key in kind.slow)]
        return _closed({**properties, "slow": self._slow(dict.fromkeys(thresholds))})

    def _properties(self, plans: Iterable[FieldPlan]) -> _Schema:
        return {plan.key: self._property(plan) for plan in plans}

    def _property(self, plan: FieldPlan) -> _Schema:
        shown: _Schema = {"description": plan.doc} if plan.doc else {}
        if isinstance(plan.default, str | int | float) and isinstance(plan.reader, ScalarReader):
            shown["default"] = plan.reader.write(plan.default)
        elif isinstance(plan.default, str) and plan.default:
            shown["default"] = plan.default
        return {**shown, **self._of(plan.reader)}

    def _of(self, reader: Reader) -> _Schema:  # noqa: PLR0911 - one for each reader
        """The schema of what a reader takes."""
        match reader:
            case ScalarReader():
                takes_any_text = "string" in _types(reader.schema) and "pattern" not in reader.schema
                return dict(reader.schema) if takes_any_text else _any_of([reader.schema, _REFERENCE])
            case LiteralReader():
                written = [form for option in reader.options for form in dict.fromkeys([option, natural(option)])]
                return _any_of([{"enum": written}, _REFERENCE])
            case SecretReader():
                return {"$ref": "#/$defs/secret"}
            case ListReader():
                return {"type": "array", "items": self._of(reader.item)}
            case MappingReader():
                return {"type": "object", "additionalProperties": self._of(reader.value)}
            case UnionReader():
                null = [{"type": "null"}] if reader.optional else []
                return _any_of([*map(self._of, reader.members), *null])
            case CustomReader() | DataclassReader():
                return {"$ref": f"#/$defs/{self._definition(reader)}"}
        return {}

    def _definition(self, reader: CustomReader | DataclassReader) -> str:
        """The name under ``$defs`` of the schema of a class."""
        cls: type[object] = reader.custom if isinstance(reader, CustomReader) else reader.make
        if cls not in self._names:
            taken = cls.__name__ in self._definitions
            name = f"{cls.__module__.rpartition('.')[2]}.{cls.__name__}" if taken else cls.__name__
            self._names[cls] = name
            self._definitions[name] = {}  # holds the place while the class is written: it may contain itself
            self._definitions[name] = self._class(reader)
        return self._names[cls]

    def _class(self, reader: CustomReader | DataclassReader) -> _Schema:
        if isinstance(reader, CustomReader):
            schema = dict(reader.custom.json_schema())
            inner = schema.pop("$defs", {})
            assert isinstance(inner, dict)
            self._definitions.update(inner)
            return schema
        plans = reader.plans()
        return _closed(self._properties(plans), required=[plan.key for plan in plans if plan.required])


def _types(schema: Mapping[str, object]) -> list[object]:
    kind = schema.get("type")
    return kind if isinstance(kind, list) else [kind]


def _closed(properties: Mapping[str, object], *, required: list[str] | None = None) -> _Schema:
    """An object with these keys and no others."""
    must: _Schema = {"required": required} if required else {}
    return {"type": "object", "additionalProperties": False, "properties": properties, **must}


def _any_of(schemas: Iterable[Mapping[str, object]]) -> _Schema:
    """Whatever fits one of the schemas, in as few words as possible."""
    flat: list[Mapping[str, object]] = []
    for schema in schemas:
        inner = schema["anyOf"] if schema.keys() == {"anyOf"} else [schema]
        assert isinstance(inner, list)
        flat += [one for one in inner if one not in flat]
    return dict(flat[0]) if len(flat) == 1 else {"anyOf": flat}


def _given_or_in_matrix(key: str) -> _Schema:
    in_matrix = {"properties": {MATRIX: {"required": [key]}}, "required": [MATRIX]}
    return {"anyOf": [{"required": [key]}, in_matrix]}
