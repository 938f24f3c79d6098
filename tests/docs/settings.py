"""Tables of the settings of probes.yaml, from the sentences of ``setting()`` and the readers of the file."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any

from prober.config import document
from prober.config.decode import plans_of
from prober.config.fields import DataclassReader, FieldPlan
from prober.config.readers import LiteralReader, NodeReader, Reader, ScalarReader, SecretReader
from prober.config.structures import CustomReader, ListReader, MappingReader, RawReader, UnionReader
from prober.http.settings import HttpSettings
from prober.model.probe import Common
from prober.probes import KINDS
from prober.probes.chat import ChatProbe

__all__ = ["classes_of_settings", "rows", "settings_table", "type_of"]

_SCALARS = {
    "a text": "text",
    "a whole number": "whole number",
    "a number": "number",
    "true or false": "`true` or `false`",
    "a duration such as 10s": "duration",
    "a share such as 99.5%": "share",
    "a size such as 64KiB": "size",
}
_CUSTOM = {
    "Expect": "[expectation](expect.md)",
    "Checks": "[checks](expect.md)",
    "Extract": "[extraction](expect.md#extract)",
    "HttpUrl": "URL",
    "UrlTemplate": "URL",
    "IgnoredUrl": "regular expression",
    "ProxyUrl": "URL",
    "RedirectsTo": "`any`, `same-origin`, `none` or a list of hosts",
    "ClientProfile": "`desktop`, `ios`, `android` or text",
    "Css": "CSS selector, or `{css: SELECTOR}`",
    "Pause": "duration, or `{css: SELECTOR}`",
    "FormChoice": "`true`, `{css: SELECTOR}` or `{xpath: XPATH}`",
    "Reason": "`{class, detail, when}`",
    "TcpTarget": "`host:port`",
}
_SCHEMAS = {"string": "text", "integer": "whole number", "array": "list", "object": "mapping"}
_BY_KIND = {"timeout": "the smaller of 30s and the interval", "retry_interval": "`10s`, the interval if that is sooner"}
_NAMES = {"ChatDeadlines": "chat-deadlines", "ChatStep": "chat-step", "WholeBudget": "budget-of-all"}
_SHARED: dict[str, type[Any]] = {"top": document.Document, "included": document.Part, "common": Common}


@cache
def classes_of_settings() -> dict[str, type[Any]]:
    """Everything that has a table, by its name there: the file, all probes, each kind, and what they are made of."""
    found: dict[str, type[Any]] = {**_SHARED, "over-http": HttpSettings}
    found |= {name: kind.settings for name, kind in KINDS.items()}
    waiting: list[type[Any]] = list(found.values())
    while waiting:
        for plan in plans_of(waiting.pop()):
            for make in _classes_in(plan.reader):
                name = _name(make)
                if name not in found:
                    found[name] = make
                    waiting.append(make)
    return found


def _name(make: type[Any]) -> str:
    return _NAMES.get(make.__name__, make.__name__.lower())


def _classes_in(reader: Reader) -> list[type[Any]]:
    match reader:
        case DataclassReader():
            return [reader.make]
        case UnionReader():
            return [make for member in reader.members for make in _classes_in(member)]
        case ListReader():
            return _classes_in(reader.item)
        case MappingReader():
            return _classes_in(reader.value)
    return []


def type_of(reader: Reader, *, where: str = "") -> str:
    """What a key takes, in words; ``where`` is the page on which the tables of mappings stand."""
    match reader:
        case SecretReader():
            return "[secret](configuration.md#secrets)"
        case LiteralReader():
            return " or ".join(f"`{option}`" for option in reader.options)
        case ScalarReader():
            return _SCALARS[reader.wanted]
        case ListReader():
            return f"list of {type_of(reader.item, where=where)}"
        case MappingReader():
            return f"mapping of {type_of(reader.key)} to {type_of(reader.value, where=where)}"
        case UnionReader():
            return " or ".join(dict.fromkeys(type_of(member, where=where) for member in reader.members))
        case CustomReader():
            schema = reader.custom.json_schema()
            return _CUSTOM.get(reader.custom.__name__) or _SCHEMAS.get(str(schema.get("type")), "see its page")
        case DataclassReader():
            return f"[mapping]({where}#{_name(reader.make)})"
        case NodeReader():
            return "mapping" if reader.wanted == "a mapping" else "[probe](#every-probe)"
        case RawReader():
            return "anything"
    raise TypeError(f"{reader} has no word")


def _default(cls: type[Any], plan: FieldPlan) -> str:
    if plan.required or (cls is document.Document and plan.key == "version"):
        return "required"
    if cls is Common and plan.key in _BY_KIND:
        return _BY_KIND[plan.key]
    field = next(each for each in dataclasses.fields(cls) if each.name == plan.name)
    if field.default is dataclasses.MISSING or plan.default in (None, (), ""):
        return ""
    if isinstance(plan.reader, UnionReader | ScalarReader) and not isinstance(plan.default, str):
        writer = plan.reader.members[0] if isinstance(plan.reader, UnionReader) else plan.reader
        if isinstance(writer, ScalarReader):
            return f"`{_plain(writer.write(plan.default))}`"
    return f"`{_plain(plan.default)}`"


def _plain(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(_plain(each) for each in value)}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def rows(name: str) -> list[tuple[str, str, str, str]]:
    """Key, type, default and meaning of each setting of a class."""
    cls = classes_of_settings()[name]
    plans = plans_of(cls)
    for base in (HttpSettings, ChatProbe):
        if issubclass(cls, base) and cls is not base:
            inherited = {plan.key: plan for plan in plans_of(base)}
            plans = tuple(plan for plan in plans if plan != inherited.get(plan.key))
            plans = tuple(sorted(plans, key=lambda plan: plan.key in inherited))
    return [(plan.key, type_of(plan.reader), _default(cls, plan), plan.doc) for plan in plans]


def settings_table(name: str) -> str:
    """The table of a class of settings. What it inherits has a table of its own."""
    lines = ["| key | takes | default | |", "|---|---|---|---|"]
    for key, kind, default, doc in rows(name):
        lines.append(f"| `{key}` | {kind} | {default} | {doc.replace('|', chr(92) + '|')} |")
    return "\n".join(lines)
