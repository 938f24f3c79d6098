"""The text of a file as a tree of nodes, within bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import yaml

from prober.config.errors import ConfigError, Trail, path_text, shown
from prober.config.nodes import Entry, ListNode, MapNode, Node, Place, ScalarNode, map_node
from prober.config.text import BadText, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["MAX_DEPTH", "MAX_NODES", "parse"]

MAX_NODES = 250_000
"""Keys, values, lists and mappings of one file, each alias counted as what it stands for."""

MAX_DEPTH = 64
"""Lists and mappings inside each other."""

_MERGE = "<<"


def parse(data: bytes, file: str, report: Callable[[ConfigError], None]) -> Node | None:
    """The root of the one document in a file. What is wrong is reported; None if nothing can be said of the rest."""
    try:
        text = text_of(data, file)
        return _Builder(text, file, report).document()
    except BadText as error:
        message, place = error.message, error.place
    except yaml.MarkedYAMLError as error:
        unclosed = "end of stream" in str(error.problem) and error.context_mark is not None
        place = _place(file, error.context_mark if unclosed else error.problem_mark)
        message = _explained(error, text, place)
    report(ConfigError(file=file, line=place.line, column=place.column, path="", message=message))
    return None


def _explained(error: yaml.MarkedYAMLError, text: str, place: Place) -> str:
    """What libyaml says of a syntax error, and how to mend it where that can be guessed."""
    said = ": ".join(part for part in (error.context, error.problem) if part)
    lines = text.splitlines()
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    at = line[place.column - 1 : place.column]
    if at == "\t":
        return "a tab cannot indent: use spaces"
    if at and at in "@`%" and place.column > 1:
        return f"a text cannot begin with {at}: put it in quotes"
    if "scanning an a" in said:  # alias or anchor
        return "a text cannot begin with * or &: put it in quotes"
    if "${" in line or "{{" in line:
        return f'{said}: put a text with ${{...}} or {{{{...}}}} in quotes, as "${{env:NAME}}"'
    if "mapping values are not allowed" in said:
        return "a `: ` where no key can stand: check the indentation, or put the text in quotes"
    return f"this is not YAML: {said}: check the indentation, quotes and brackets here and in the lines above"


class _Mark(Protocol):
    line: int
    column: int


def _place(file: str, mark: _Mark | None) -> Place:
    """The place of a mark, which counts from 0."""
    return Place(file, mark.line + 1, mark.column + 1) if mark else Place(file, 1, 1)


class _Builder:
    """Builds the nodes of one file from libyaml's events, which come one by one: a bomb is left before it goes off."""

    def __init__(self, text: str, file: str, report: Callable[[ConfigError], None]) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=yaml.CSafeLoader)
        self._file = file
        self._report = report
        self._anchors: dict[str, Node] = {}
        self._open: set[str] = set()
        self._count = 0

    def document(self) -> Node | None:
        """The root node; None, and reported, if the file is empty."""
        next(self._events)  # the stream begins
        event = next(self._events)
        if isinstance(event, yaml.StreamEndEvent):
            self._error(event, (), "the file is empty: it begins with `version: 1`")
            return None
        root = self._node(next(self._events), (), 0)
        next(self._events)  # the document ends
        event = next(self._events)
        if isinstance(event, yaml.DocumentStartEvent):
            self._error(event, (), "a second document begins: put the probes into one list, or into files of `include`")
        return root

    def _place(self, event: yaml.Event) -> Place:
        return _place(self._file, event.start_mark)

    def _error(self, event: yaml.Event, trail: Trail, message: str) -> None:
        at = self._place(event)
        path = path_text(trail)
        self._report(ConfigError(file=at.file, line=at.line, column=at.column, path=path, message=message))

    def _node(self, event: yaml.Event, trail: Trail, depth: int) -> Node:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, depth)
        assert isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent)  # what else the grammar allows here
        self._counted(event, 1)
        if event.tag is not None:
            self._error(event, trail, f"the tag {shown(event.tag)} is not supported: remove it, quote a text instead")
        if isinstance(event, yaml.ScalarEvent):
            node: Node = ScalarNode(event.value, not event.style, self._place(event))
        elif depth >= MAX_DEPTH:
            raise self._too_deep(event)
        else:
            self._open.add(str(event.anchor))
            is_list = isinstance(event, yaml.SequenceStartEvent)
            node = self._list(event, trail, depth) if is_list else self._map(event, trail, depth)
            self._open.discard(str(event.anchor))
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _list(self, start: yaml.Event, trail: Trail, depth: int) -> ListNode:
        items: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, (*trail, len(items)), depth + 1))
        size = 1 + sum(item.size for item in items)
        return ListNode(tuple(items), self._place(start), size, 1 + max((item.height for item in items), default=0))

    def _map(self, start: yaml.Event, trail: Trail, depth: int) -> MapNode:
        own: dict[str, Entry] = {}
        merged: dict[str, Entry] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event, trail, depth)
            value_event = next(self._events)
            value = self._node(value_event, (*trail, key.text), depth + 1)
            if key.text == _MERGE and key.plain:
                merged = {**self._merged(value, value_event, trail), **merged}
            elif key.text in own:
                first = own[key.text].key.place
                self._error(event, (*trail, key.text), f"the key is already given in line {first.line}: remove one")
            else:
                own[key.text] = Entry(key, value)
        return map_node({**merged, **own}, self._place(start))

    def _key(self, event: yaml.Event, trail: Trail, depth: int) -> ScalarNode:
        key = self._node(event, trail, depth + 1)
        if not isinstance(key, ScalarNode):
            message = "a key must be a text: if {{...}} or a text with brackets is meant, put it in quotes"
            self._error(event, trail, message)
            return ScalarNode("?", plain=True, place=self._place(event))
        if not key.text:
            self._error(event, trail, "a key is empty")
        return key

    def _merged(self, value: Node, event: yaml.Event, trail: Trail) -> dict[str, Entry]:
        """The entries that a merge key ``<<`` brings in; of several mappings the first one wins."""
        sources = value.items if isinstance(value, ListNode) else (value,)
        entries: dict[str, Entry] = {}
        for source in reversed(sources):
            if isinstance(source, MapNode):
                entries.update(source.entries)
            else:
                self._error(event, (*trail, _MERGE), "what is merged must be a mapping, or a list of mappings")
        return entries

    def _alias(self, event: yaml.AliasEvent, depth: int) -> Node:
        if event.anchor in self._open:
            raise self._stop(event, f"the alias *{event.anchor} stands inside what it names")
        if event.anchor not in self._anchors:
            raise self._stop(event, f"the alias *{event.anchor} has no anchor &{event.anchor} above it")
        node = self._anchors[event.anchor]
        if depth + node.height > MAX_DEPTH:
            raise self._too_deep(event)
        self._counted(event, node.size)
        return node

    def _counted(self, event: yaml.Event, size: int) -> None:
        self._count += size
        if self._count > MAX_NODES:
            what = f"the file has more than {MAX_NODES:,} values with its aliases expanded"
            raise self._stop(event, f"{what}: split it, or repeat less")

    def _too_deep(self, event: yaml.Event) -> BadText:
        return self._stop(event, f"lists and mappings are more than {MAX_DEPTH} deep here")

    def _stop(self, event: yaml.Event, message: str) -> BadText:
        return BadText(message, self._place(event))
