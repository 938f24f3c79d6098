"""JSONPath as of RFC 9535, with what it finds and how much of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jsonpath import JSONPath, JSONPathEnvironment, JSONPathError, JSONPathMatch
from jsonpath.function_extensions import ExpressionType, FilterFunction

from prober.http.expect.pattern import Pattern, PatternError
from prober.http.expect.values import NOTHING, Unevaluable, Value, Values

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.http.expect.source import Source

__all__ = ["Path", "PathError", "read_path"]

_LONGEST = 1_000  # characters; each segment is a generator inside the next, and Python's stack is finite
_MOST = 200_000  # nodes that one query visits, about a quarter of a second


class PathError(ValueError):
    """A text that is no JSONPath, and why."""


class _LinearRegex(FilterFunction):
    """``match()`` or ``search()`` of the RFC; the library's own run on Python's regexes, which can run for hours."""

    arg_types = [ExpressionType.VALUE, ExpressionType.VALUE]  # noqa: RUF012  # the library reads it from the class
    return_type = ExpressionType.LOGICAL

    def __init__(self, frame: str) -> None:
        self._frame = frame
        self._last: tuple[str, Pattern | None] = ("", None)

    def __call__(self, value: object, pattern: object) -> bool:
        """Whether the value is a text that the pattern matches; a bad pattern matches nothing, says the RFC."""
        if not isinstance(value, str) or not isinstance(pattern, str):
            return False
        source, compiled = self._last
        if compiled is None or source != pattern:
            try:
                compiled = Pattern(self._frame.format(pattern))
            except PatternError:
                return False
            self._last = (pattern, compiled)
        return compiled.found(value.encode("utf-8", "replace"))


class _Node(JSONPathMatch):
    """A node without the text of its path, which nobody reads, and with a bound on how many there are."""

    __slots__ = ("_left",)

    def __init__(self, value: Value, root: Any, left: list[int]) -> None:
        self._filter_context = {}
        self.obj = value
        self.root = root
        self._left = left

    def new_child(self, obj: object, key: int | str) -> JSONPathMatch:  # noqa: ARG002  # the library's form
        left = self._left
        left[0] -= 1
        if left[0] < 0:
            raise Unevaluable(f"JSON with more than {_MOST} values on this path")
        return _Node(obj, self.root, left)

    def add_child(self, *children: JSONPathMatch) -> None:
        pass  # nobody goes back


def _environment() -> JSONPathEnvironment:
    environment = JSONPathEnvironment(strict=True)
    environment.function_extensions["match"] = _LinearRegex(r"\A(?:{})\z")
    environment.function_extensions["search"] = _LinearRegex("(?:{})")
    return environment


_ENVIRONMENT = _environment()


class Path:
    """A compiled JSONPath. A singular one (names and indexes only) yields its value, any other a list of values."""

    __slots__ = ("_path", "_whole", "many")

    def __init__(self, source: str) -> None:
        if len(source) > _LONGEST:
            raise PathError(f"a JSONPath of more than {_LONGEST} characters")
        self._path = _compile(source)
        self._whole = self._path.empty()
        self.many = not self._path.singular_query()

    def read(self, document: Value) -> Values:
        """The values at this path. Raises :class:`Unevaluable` where the document is too deep or too large."""
        if not isinstance(document, dict | list):  # the library would parse a text a second time
            return Values((document,)) if self._whole else Values((), many=self.many)
        nodes: Iterable[JSONPathMatch] = [_Node(document, document, [_MOST])]
        for segment in self._path.segments:
            nodes = segment.resolve(nodes)
        try:
            found = [node.obj for node in nodes]
        except (JSONPathError, RecursionError):
            raise Unevaluable("JSON nested too deeply for this path") from None
        if not self.many:
            return Values((found[0],)) if found else NOTHING
        return Values(found, many=True)

    @staticmethod
    def escape(text: str) -> str:
        """The text for a place inside a quoted string of a path; it ends no string and starts no selector."""
        return "".join(char if char.isalnum() or char == "_" else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def _compile(source: str) -> JSONPath:
    if not source.startswith("$"):
        raise PathError("a JSONPath begins with $, as $.data[0].id")
    try:
        if "TOKEN_LG" in {token.kind for token in _ENVIRONMENT.lexer.tokenize(source)}:
            raise PathError("`<>` is not of RFC 9535: write `!=`")
        path = _ENVIRONMENT.compile(source)
    except JSONPathError as error:  # its str() fails on some of its own errors
        raise PathError(f"not a JSONPath, as $.data[0].id: {error.message}") from None
    except (RecursionError, ValueError, OverflowError) as error:  # OverflowError: 1e999999
        raise PathError(f"not a JSONPath, as $.data[0].id: {error}") from None
    assert isinstance(path, JSONPath)  # several paths in one are not of the RFC
    return path


def read_path(source: Source) -> Path | None:
    """The compiled path of a setting; None, and a mistake, if it is none."""
    return source.compile(Path, Path.escape, "a JSONPath such as $.status")
