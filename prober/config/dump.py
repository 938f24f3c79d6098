"""The configuration as it is in effect, as YAML that shows no secret."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from enum import Enum
from typing import TYPE_CHECKING, Any

import yaml

from prober.config.decode import plans_of, reader_of
from prober.config.fields import DataclassReader
from prober.config.readers import LiteralReader, Reader, ScalarReader
from prober.config.scalars import NUMBER, format_duration
from prober.config.structures import CustomReader, ListReader, MappingReader, UnionReader
from prober.model.probe import Slo
from prober.model.secret import REDACTED, Redactor, Secret
from prober.model.template import variables

if TYPE_CHECKING:
    from prober.config.document import Config
    from prober.model.probe import Probe

__all__ = ["dump", "dump_items"]


def dump(config: Config) -> str:
    """All probes with all their settings, those that kinds and catalogue filled in as well; secrets ``[redacted]``.

    What has no value is left out. A type with a syntax of its own that keeps in ``written`` the JSON of what stood in
    the file is shown by that, another by its parts.
    """
    top = {
        "version": 1,
        "location": config.location,
        "connectivity": [{"tcp": str(target)} for target in config.connectivity],
    }
    hide = Redactor(config.secrets)
    shown = {key: _hidden(value, hide) for key, value in top.items() if value not in (None, [])}
    # Probe by probe, so that libyaml, which keeps the interpreter to itself, never does so for long.
    probes = [_yaml([_hidden(_probe(probe), hide)]) for probe in config.probes]
    return "".join([_yaml(shown), "probes:\n" if probes else "", *probes])


def dump_items(items: Sequence[object], cls: type[object], secrets: Iterable[str]) -> str:
    """Settings objects of one class as a list in the file would hold them, without what is as by default.

    A secret that a placeholder stands for is shown as the placeholder.
    """
    hide = Redactor(secrets)
    hint: Any = cls
    reader = reader_of(hint)
    return _yaml([_hidden(_lean(item, reader), hide) for item in items])


def _yaml(shown: object) -> str:
    return str(yaml.dump(shown, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1000))


def _lean(value: Any, reader: Reader) -> object:
    """A value as it would stand in the file, without fields that have their default."""
    match reader, value:
        case _, Secret() if variables(value.reveal()):
            return value.reveal()
        case LiteralReader(), bool():
            return value
        case DataclassReader(), _ if isinstance(value, reader.make):
            plans = plans_of(reader.make)
            kind: Any = reader.make
            default = {field.name: _default(field) for field in dataclasses.fields(kind)}
            own = [plan for plan in plans if getattr(value, plan.name) != default[plan.name]]
            return {plan.key: _lean(getattr(value, plan.name), plan.reader) for plan in own}
        case UnionReader(), _ if member := next((one for one in reader.members if _suits(value, one)), None):
            return _lean(value, member)
    return _written(value, reader)


def _default(field: dataclasses.Field[Any]) -> object:
    return field.default if field.default_factory is dataclasses.MISSING else field.default_factory()


class _Dumper(yaml.CSafeDumper):
    """Writes what occurs twice out twice."""

    def ignore_aliases(self, _data: object) -> bool:
        return True


# What libyaml, which speaks YAML 1.1, takes for a text and YAML 1.2 for a number stands in quotes, as 1e3 and 0o17.
_Dumper.add_implicit_resolver("tag:yaml.org,2002:float", NUMBER, list("-+.0123456789"))


def _probe(probe: Probe) -> dict[str, object]:
    common: dict[str, object] = {
        "name": probe.name,
        "kind": probe.kind.name,
        "disabled": probe.disabled,
        "provider": probe.provider,
        "service": probe.service,
        "interval": format_duration(probe.interval_ns),
        "timeout": format_duration(probe.timeout_ns),
        "retry_interval": format_duration(probe.retry_interval_ns),
        "down_after": probe.down_after,
        "up_after": probe.up_after,
        "labels": dict(probe.labels),
        "slo": _fields(probe.slo, Slo),
        "slow": {key: format_duration(threshold) for key, threshold in probe.slow_ns.items()},
        "locations": list(probe.locations) if probe.locations is not None else None,
        "buckets": list(probe.buckets) if probe.buckets != probe.kind.buckets else None,
    }
    settings = _fields(probe.settings, probe.kind.settings) if probe.settings is not None else {}
    return {**{key: value for key, value in common.items() if value not in (None, {})}, **settings}


def _fields(value: object, cls: type[object]) -> dict[str, object]:
    """The fields of a settings object by their keys in the file, without those that have no value."""
    pairs = ((plan.key, _written(getattr(value, plan.name), plan.reader)) for plan in plans_of(cls))
    return {key: one for key, one in pairs if one not in (None, {}, [])}


def _written(value: object, reader: Reader) -> object:  # noqa: PLR0911 - one for each reader
    """A value as it would stand in the file."""
    match reader, value:
        case _, None | Secret():
            return REDACTED if value else None
        case ScalarReader(), _:
            return reader.write(value)
        case LiteralReader(), _:
            return next((word for word, option in reader.options.items() if option == value), None)
        case ListReader(), tuple():
            return [_written(item, reader.item) for item in value]
        case MappingReader(), Mapping():
            return {str(key): _written(one, reader.value) for key, one in value.items()}
        case DataclassReader(), _ if isinstance(value, reader.make):
            return _fields(value, reader.make)
        case CustomReader(), _ if isinstance(written := getattr(value, "written", None), str):
            return _as_written(written)
        case UnionReader(), _ if member := next((one for one in reader.members if _suits(value, one)), None):
            return _written(value, member)
    return _plain(value)


def _as_written(text: str) -> object:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text


def _suits(value: object, reader: Reader) -> bool:  # noqa: PLR0911 - one for each reader
    """Whether a member of a union may have read the value."""
    match reader:
        case ScalarReader():
            return isinstance(value, reader.kept)
        case LiteralReader():
            return value in reader.options.values()
        case ListReader():
            return isinstance(value, tuple)
        case MappingReader():
            return isinstance(value, Mapping)
        case DataclassReader():
            return isinstance(value, reader.make)
        case CustomReader():
            return isinstance(value, reader.custom)
    return False


def _plain(value: object) -> object:  # noqa: PLR0911 - one for each shape
    """Any object by its parts; what has none by the name of its type."""
    match value:
        case Secret():
            return REDACTED
        case Enum():
            return _plain(value.value)
        case None | bool() | int() | float():
            return value
        case str():
            return str(value)
        case Mapping():
            return {str(key): _plain(one) for key, one in value.items()}
        case Sequence() | AbstractSet():
            return [_plain(one) for one in value]
        case _ if callable(value):
            return None
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        pairs = ((field.name, _plain(getattr(value, field.name))) for field in dataclasses.fields(value))
        return {key: one for key, one in pairs if one not in (None, {}, [])}
    pattern = getattr(value, "pattern", None)
    return pattern if isinstance(pattern, str) else type(value).__name__


def _hidden(value: object, hide: Redactor) -> object:
    """The same plain value with no secret in any text of it."""
    match value:
        case str():
            return hide(value)
        case dict():
            return {hide(key): _hidden(one, hide) for key, one in value.items()}
        case list():
            return [_hidden(one, hide) for one in value]
    return value
