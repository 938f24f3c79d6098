"""What reading one value of the file found out: mistakes, references that lead to nothing, values to hide."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from prober.config.errors import ConfigError, Trail, path_text
from prober.config.nodes import ListNode, MapNode, Node, ScalarNode, follow, walk
from prober.config.references import BadReference, Resolved, Resolver
from prober.model.setting import SettingError, SettingErrors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prober.config.nodes import Place
    from prober.config.sources import Sources

__all__ = ["Nothing", "Scope", "Use", "Values", "mistake", "said_by"]


class Nothing(Enum):
    """What a reader returns where there is no value: it was wrong, and reported, or a reference in it is missing."""

    WRONG = "wrong"
    MISSING = "missing"


class Use(Enum):
    """What the text of a scalar is read for, which decides whether a value in it is to be hidden."""

    SECRET = auto()
    TEXT = auto()
    OTHER = auto()


class Values:
    """The values that references led to, by what they are used for."""

    def __init__(self) -> None:
        self._used: dict[Use, set[str]] = {use: set() for use in Use}
        self._public: set[str] = set()

    def add(self, values: Iterable[str], use: Use) -> None:
        """Note that values are used so."""
        self._used[use].update(values)

    def publish(self, values: Iterable[str]) -> None:
        """Note that values stand in a field that everybody may see, as ``model`` or a label."""
        self._public.update(values)

    def secrets(self) -> tuple[str, ...]:
        """What no output may show: all that a text holds, unless the same value is public, and every secret."""
        return tuple(sorted(self._used[Use.SECRET] | (self._used[Use.TEXT] - self._public)))

    def everything(self) -> set[str]:
        """All values, for the messages of errors: nobody knows yet what a misplaced one was meant for."""
        return set().union(*self._used.values())


def mistake(place: Place, trail: Trail, message: str) -> ConfigError:
    """The error at a place."""
    return ConfigError(
        file=place.file, line=place.line, column=place.column, path=path_text(trail), message=message.replace("\n", " ")
    )


def said_by(error: ValueError) -> tuple[SettingError, ...]:
    """The mistakes that a type found in its value. A ValueError of a library it calls is one without a path."""
    return error.errors if isinstance(error, SettingErrors) else (SettingError(str(error)),)


class Scope:
    """Collects what is found while one value, such as a probe, is read."""

    def __init__(self, resolver: Resolver, values: Values, *, shared: Mapping[Node, Trail] | None = None) -> None:
        self.errors: list[ConfigError] = []
        self.warnings: list[ConfigError] = []
        self.missing: dict[Node, tuple[Trail, tuple[str, ...]]] = {}
        self.guessed = False  # whether a field has its default because a reference in its value is missing
        self._resolver = resolver
        self._values = values
        self._shared = shared or {}

    @property
    def sources(self) -> Sources:
        """The files that are read."""
        return self._resolver.sources

    def trial(self) -> Scope:
        """An empty scope for an attempt, to be kept by :meth:`keep` or forgotten."""
        return Scope(self._resolver, self._values, shared=self._shared)

    def keep(self, trial: Scope) -> None:
        """Take over what an attempt found."""
        self.take(trial)
        self.missing |= trial.missing
        self.guessed |= trial.guessed

    def own(self, shared: Mapping[Node, Trail]) -> Scope:
        """An empty scope for one probe, to be taken over by :meth:`take`; ``shared`` says whence it inherits nodes."""
        return Scope(self._resolver, self._values, shared=shared)

    def take(self, other: Scope) -> None:
        """Take over the errors and warnings of another scope; what it missed is its own affair."""
        self.errors += other.errors
        self.warnings += other.warnings

    def error(self, node: Node, trail: Trail, message: str) -> None:
        """Report a mistake at a node."""
        self.errors.append(mistake(node.place, self._named(node, trail), message))

    def warn(self, node: Node, trail: Trail, message: str) -> None:
        """Report something that is allowed and probably not meant."""
        self.warnings.append(mistake(node.place, self._named(node, trail), message))

    def inherited(self, node: Node) -> bool:
        """Whether the node stands in a place that many probes inherit from."""
        return node in self._shared

    def _named(self, node: Node, trail: Trail) -> Trail:
        return (*self._shared[node], *trail[2:]) if node in self._shared else trail

    def wrong(self, node: Node, trail: Trail, message: str) -> Nothing:
        """Report a mistake, and stand for the value that there is none."""
        self.error(node, trail, message)
        return Nothing.WRONG

    def refused(self, node: Node, trail: Trail, errors: Iterable[SettingError]) -> Nothing:
        """Report what a type said against its value, each mistake at its own place.

        What it says against a value with a missing reference is left out: the real value may be right.
        """
        outcome = Nothing.MISSING
        for one in errors:
            place, arrived = follow(node, one.path)
            if not (arrived and self.lacks(place)):
                outcome = self.wrong(place, (*trail, *one.path), one.message)
        return outcome

    def lacks(self, node: Node) -> bool:
        """Whether a reference in this node or below it leads to nothing."""
        return bool(self.missing) and any(one in self.missing for one in walk(node))

    def text(self, node: ScalarNode, trail: Trail, use: Use) -> Resolved | None:
        """The text of a scalar with its references replaced; None, and reported, if one is malformed."""
        if "${" not in node.text:
            return Resolved(node.text)
        try:
            resolved = self._resolver.resolve(node.text)
        except BadReference as error:
            self.error(node, trail, str(error))
            return None
        self._values.add(resolved.values, use)
        if resolved.missing:
            self.missing[node] = (trail, resolved.missing)
        return resolved

    def publish(self, node: Node) -> None:
        """Declare the values in this node and below it to be no secrets."""
        if isinstance(node, ListNode | MapNode):
            for one in walk(node):
                if isinstance(one, ScalarNode):
                    self.publish(one)
        elif "${" in node.text:
            try:
                self._values.publish(self._resolver.resolve(node.text).values)
            except BadReference:
                return  # reported when the text was read

    def reasons(self) -> tuple[str, ...]:
        """What is missing, each thing once, in the order of the file."""
        return tuple(dict.fromkeys(reason for _, reasons in self.missing.values() for reason in reasons))
