"""The controls of a form, and what each of them sends: the successful controls of the HTML standard."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from yarl import URL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lxml.etree import _Element

__all__ = [
    "Entry",
    "agreeing_button",
    "as_written",
    "controls_of",
    "entries_of",
    "kind_of_control",
    "submit_button",
]

_SUBMITS = frozenset({"submit", "image"})
_NEVER_SENT = frozenset({"submit", "image", "button", "reset"})
_CONTROLS = ("input", "select", "textarea", "button")
_AGREES = re.compile(r"allow|accept|approv|authori[sz]|consent|agree|grant|confirm|continue|yes", re.IGNORECASE)
_REFUSES = re.compile(
    r"cancel|deny|denied|declin|reject|refus|disagree|disallow|abort|(log|sign).?out|switch|\b(no|false)\b",
    re.IGNORECASE,
)
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A name and its value as they are sent. A file that nobody chose is an empty value."""

    name: str
    value: str
    file: bool = False


def as_written(address: str) -> URL:
    """The address of an attribute. Its escapes stay as they are, what must be escaped is. Raises ValueError."""
    safe = "".join(char if " " < char < "\x7f" else _escaped(char) for char in address if char not in "\t\r\n")
    return URL(safe, encoded=True)


def _escaped(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))


def controls_of(root: _Element) -> dict[_Element, list[_Element]]:
    """The forms of a page, each with its controls in the document's order: those inside it, or naming it in ``form=``.

    One walk over the page, whatever it holds.
    """
    found: dict[_Element, list[_Element]] = {form: [] for form in root.iter("form")}
    by_id: dict[str, _Element] = {}
    for form in found:
        own_id = form.get("id")
        if own_id:
            by_id.setdefault(own_id, form)
    for control in root.iter(*_CONTROLS):
        named = control.get("form")
        owner = by_id.get(named) if named is not None else next(control.iterancestors("form"), None)
        if owner is not None:
            found[owner].append(control)
    return found


def kind_of_control(control: _Element) -> str:
    """The type of an input, what a button does, else the element's name."""
    kind = (control.get("type") or "").strip().lower()
    if control.tag == "button":
        return kind if kind in {"button", "reset"} else "submit"
    return kind or "text" if control.tag == "input" else str(control.tag)


def submit_button(controls: Sequence[_Element], fields: Mapping[str, str]) -> _Element | None:
    """The button that sends the form: the one that a field names, by its value too, else the first."""
    buttons = _submits(controls)
    for button in buttons:
        name = button.get("name")
        if name is not None and fields.get(name) == button.get("value", ""):
            return button
    named = next((button for button in buttons if button.get("name") in fields), None)
    return named if named is not None else next(iter(buttons), None)


def agreeing_button(controls: Sequence[_Element]) -> _Element | None:
    """The button that says yes to what a page asks: the first that names an assent, else that names no refusal."""
    offered = [(button, _called(button)) for button in _submits(controls)]
    offered = [(button, called) for button, called in offered if not _REFUSES.search(called)]
    return next((button for button, called in offered if _AGREES.search(called)), offered[0][0] if offered else None)


def _called(button: _Element) -> str:
    """What a button is called, for a person and for the server: the label alone may be in any language."""
    return " ".join([*(button.get(key) or "" for key in ("name", "value", "id")), *map(str, button.itertext())])


def _submits(controls: Sequence[_Element]) -> list[_Element]:
    return [control for control in controls if kind_of_control(control) in _SUBMITS and not _disabled(control)]


def entries_of(controls: Sequence[_Element], fields: Mapping[str, str], button: _Element | None) -> Iterator[Entry]:
    """What every successful control sends. A given field takes the place of the first control of its name."""
    filled: set[str] = set()
    for control in controls:
        name = control.get("name") or ""
        kind = kind_of_control(control)
        if _disabled(control) or (kind in _NEVER_SENT and control is not button):
            continue
        if kind == "image":
            yield from (Entry(name=f"{name}.{axis}" if name else axis, value="0") for axis in "xy")
        elif name in fields and name:
            if name not in filled:
                filled.add(name)
                yield Entry(name=name, value=_with_line_ends(fields[name]))
        elif name:
            yield from (Entry(name=name, value=value, file=kind == "file") for value in _values(control, kind))


def _disabled(control: _Element) -> bool:
    """Whether the control or a fieldset around it is disabled; a fieldset's first legend is spared."""
    if control.get("disabled") is not None:
        return True
    for fieldset in control.iterancestors("fieldset", "datalist"):
        if fieldset.tag == "datalist":
            return True
        if fieldset.get("disabled") is not None:
            legend = next(fieldset.iterchildren("legend"), None)
            if legend is None or legend not in control.iterancestors("legend"):
                return True
    return False


def _values(control: _Element, kind: str) -> Iterator[str]:
    match kind:
        case "checkbox" | "radio":
            if control.get("checked") is not None:
                value = control.get("value")
                yield "on" if value is None else value
        case "select":
            yield from _selected(control)
        case "textarea":
            yield _with_line_ends("".join(control.itertext()).removeprefix("\n"))
        case "file":
            yield ""
        case "hidden" if control.get("name") == "_charset_":
            yield "utf-8"
        case _:
            yield control.get("value") or ""


def _with_line_ends(text: str) -> str:
    return _LINE_END.sub("\r\n", text)


def _selected(select: _Element) -> Iterator[str]:
    options = list(select.iter("option"))
    chosen = [option for option in options if option.get("selected") is not None]
    if select.get("multiple") is None:
        chosen = chosen[-1:]
        if not chosen and select.get("size", "1").strip() in {"", "0", "1"}:
            chosen = [option for option in options if not _off(option)][:1]
    for option in chosen:
        if _off(option):
            continue
        value = option.get("value")
        yield value if value is not None else " ".join("".join(option.itertext()).split())


def _off(option: _Element) -> bool:
    if option.get("disabled") is not None:
        return True
    return any(group.get("disabled") is not None for group in option.iterancestors("optgroup"))
