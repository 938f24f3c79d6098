"""Secrets by reference: ``${env:NAME}``, ``${file:/path}`` and ``${credential:name}`` inside a scalar."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from prober.config.errors import shown, suggestion
from prober.config.sources import Sources, Unusable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["REFERENCE_PATTERN", "BadReference", "Reference", "Resolved", "Resolver", "references_in"]

REFERENCE_PATTERN = r"\$\{(env|file|credential):[^}]+\}"

_BEGIN = re.compile(r"\$\$\{|\$\{")
_WHOLE = re.compile(r"\$\{(?P<scheme>[^}:]*):(?P<name>[^}]*?)(?::-(?P<default>[^}]*))?\}")
_NAMES = {
    "env": (re.compile(r"[A-Za-z_][A-Za-z0-9_]*"), "a variable's name: letters, digits and underscores"),
    "file": (re.compile(r"/.*"), "an absolute path, as ${file:/run/secrets/x}"),
    "credential": (re.compile(r"[^/]+"), "a credential's name, without a slash"),
}
"""What may stand behind the colon of each kind of reference."""

_FORMS = "write ${env:NAME}, ${file:/path} or ${credential:name}, and $${ for the two characters themselves"


class BadReference(ValueError):
    """A ``${`` that does not begin a reference."""


class _Unreadable(Exception):
    """A reference that leads to nothing; its text says why, in a few words."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One reference: ``env``, ``file`` or ``credential``. ``default`` is what stands after ``:-``, or None."""

    scheme: str
    name: str
    default: str | None


@dataclass(frozen=True, slots=True)
class Resolved:
    """A text with its references replaced. ``values`` came from outside; ``missing`` says what leads to nothing.

    Where a reference is missing the text has a gap.
    """

    text: str
    values: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def references_in(text: str) -> tuple[str | Reference, ...]:
    """The text in pieces: references, and what stands between them with ``$${`` turned into ``${``."""
    return tuple(_pieces(text))


def _pieces(text: str) -> Iterator[str | Reference]:
    position = 0
    while begin := _BEGIN.search(text, position):
        yield text[position : begin.start()]
        if begin.group() == "$${":
            yield "${"
            position = begin.end()
            continue
        whole = _WHOLE.match(text, begin.start())
        if whole is not None and "${" in whole.group().removeprefix("${"):
            raise BadReference(f"{shown(whole.group())} has a reference inside of a reference, which leads nowhere")
        if whole is None:
            raise BadReference(f"{shown(text[begin.start() :])} is not a reference: {_FORMS}")
        yield _reference(whole["scheme"], whole["name"], whole["default"])
        position = whole.end()
    yield text[position:]


def _reference(scheme: str, name: str, default: str | None) -> Reference:
    if scheme not in _NAMES:
        meant = suggestion(scheme, _NAMES)
        hint = f"did you mean {meant}?" if meant else _FORMS
        raise BadReference(f"unknown kind of reference {shown(scheme)}: {hint}")
    form, wanted = _NAMES[scheme]
    if not form.fullmatch(name) or not name.isprintable() or name in {".", ".."}:
        raise BadReference(f"{shown(name)} is not {wanted}")
    return Reference(scheme, name, default)


class Resolver:
    """Looks references up. Each is looked up once, so that one loading sees one state of the world."""

    def __init__(self, env: Mapping[str, str], sources: Sources | None = None) -> None:
        self._env = env
        self.sources = sources or Sources()
        self._values: dict[Reference, str | _Unreadable] = {}
        self._texts: dict[str, Resolved] = {}

    def resolve(self, text: str) -> Resolved:
        """The text with its references replaced. Raises :class:`BadReference`."""
        known = self._texts.get(text)
        if known is None:
            known = self._texts[text] = self._resolve(references_in(text))
        return known

    def _resolve(self, pieces: tuple[str | Reference, ...]) -> Resolved:
        texts: list[str] = []
        values: list[str] = []
        missing: list[str] = []
        for piece in pieces:
            if isinstance(piece, str):
                texts.append(piece)
                continue
            value = self._value(piece)
            if isinstance(value, str):
                texts.append(value)
                values.append(value)
            elif piece.default is not None:
                texts.append(piece.default)
            else:
                missing.append(str(value))
        return Resolved("".join(texts), tuple(values), tuple(missing))

    def _value(self, reference: Reference) -> str | _Unreadable:
        source = Reference(reference.scheme, reference.name, None)
        if source not in self._values:
            try:
                self._values[source] = self._looked_up(source)
            except _Unreadable as error:
                self._values[source] = error
        return self._values[source]

    def _looked_up(self, reference: Reference) -> str:
        name = reference.name
        if reference.scheme == "file":
            return self._content(Path(name), name)
        if reference.scheme == "credential":
            directory = self._env.get("CREDENTIALS_DIRECTORY", "")
            if not directory:
                raise _Unreadable(f"credential {name} cannot be read: CREDENTIALS_DIRECTORY is not set")
            return self._content(Path(directory, name), f"credential {name}")
        value = self._env.get(name, "")
        if not value:
            raise _Unreadable(f"{name} is not set")
        if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
            raise _Unreadable(f"{name} is not UTF-8 text")
        return value

    def _content(self, path: Path, called: str) -> str:
        """The text of a secret's file."""
        try:
            return self.sources.secret(path)
        except Unusable as error:
            raise _Unreadable(f"{called} {error}") from None
