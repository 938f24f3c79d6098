"""HTML forms, filled in and sent as a browser would."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from yarl import URL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from lxml.etree import _Element

__all__ = ["FilledForm", "fill_in", "form_with"]

_BUTTON_TYPES = frozenset({"submit", "image"})
_NEVER_SENT = frozenset({"submit", "image", "button", "reset", "file"})
_CONTROLS = frozenset({"input", "select", "textarea", "button"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledForm:
    """What sending a form comes to. ``body`` is empty for GET, whose fields are in the URL."""

    method: str
    url: URL
    content_type: str | None
    body: bytes


def form_with(page: _Element, names: Iterable[str]) -> _Element | None:
    """The first form of the page that holds a control of every one of these names."""
    wanted = set(names)
    for form in page.iter("form"):
        if wanted <= {name for control in _controls(form) if (name := control.get("name"))}:
            return form
    return None


def fill_in(form: _Element, fields: Mapping[str, str], *, page_url: URL) -> FilledForm:
    """The form with these fields, sent by the button that a field names, else by its first.

    All successful controls go along (HTML standard, 4.10.22.4): hidden ones of any name, those that only name the form
    in ``form=``, texts that are empty. Fields that the form lacks are added.
    """
    controls = [control for control in _controls(form) if not _disabled(control)]
    button = _button(controls, fields)
    pairs = list(_pairs(controls, fields, button))
    present = {name for name, _ in pairs}
    pairs += [(name, value) for name, value in fields.items() if name not in present]
    action = _attribute("action", button, form)
    base = _base(form, page_url)
    url = base.join(URL(action.strip(), encoded="%" in action)) if action.strip() else page_url
    method = _attribute("method", button, form).strip().upper()
    if method != "POST":
        return FilledForm(method="GET", url=url.with_query(pairs).with_fragment(None), content_type=None, body=b"")
    content_type, body = _encoded(pairs, _attribute("enctype", button, form))
    return FilledForm(method="POST", url=url.with_fragment(None), content_type=content_type, body=body)


def _controls(form: _Element) -> Iterator[_Element]:
    """The controls that belong to the form, in the document's order: inside it, or naming it in ``form=``."""
    own_id = form.get("id")
    for element in form.getroottree().getroot().iter(*_CONTROLS):
        owner = element.get("form")
        if owner is not None:
            if owner == own_id:
                yield element
        elif form in element.iterancestors("form"):
            yield element


def _disabled(control: _Element) -> bool:
    """Whether the control or a fieldset around it is disabled; a fieldset's first legend is spared."""
    if control.get("disabled") is not None:
        return True
    for fieldset in control.iterancestors("fieldset"):
        if fieldset.get("disabled") is not None:
            legend = next(fieldset.iterchildren("legend"), None)
            if legend is None or legend not in control.iterancestors("legend"):
                return True
    return next(control.iterancestors("datalist"), None) is not None


def _button(controls: Sequence[_Element], fields: Mapping[str, str]) -> _Element | None:
    buttons = [control for control in controls if _type(control) in _BUTTON_TYPES]
    for button in buttons:
        name = button.get("name")
        if name is not None and fields.get(name) == button.get("value", ""):
            return button
    named = next((button for button in buttons if button.get("name") in fields), None)
    return named if named is not None else next(iter(buttons), None)


def _type(control: _Element) -> str:
    kind = (control.get("type") or "").strip().lower()
    if control.tag == "button":
        return kind if kind in {"button", "reset"} else "submit"
    return kind or "text" if control.tag == "input" else str(control.tag)


def _pairs(
    controls: Sequence[_Element], fields: Mapping[str, str], button: _Element | None
) -> Iterator[tuple[str, str]]:
    """Name and value of every successful control. A given field takes the place of the first control of its name."""
    filled: set[str] = set()
    for control in controls:
        name = control.get("name")
        if not name or (_type(control) in _NEVER_SENT and control is not button):
            continue
        if name in fields:
            if name not in filled:
                filled.add(name)
                yield name, fields[name]
            continue
        for value in _values(control):
            yield name, value


def _values(control: _Element) -> Iterator[str]:
    match _type(control):
        case "checkbox" | "radio":
            if control.get("checked") is not None:
                yield control.get("value") or "on"
        case "select":
            yield from _selected(control)
        case "textarea":
            yield "".join(control.itertext()).removeprefix("\n").replace("\r\n", "\n").replace("\n", "\r\n")
        case _:
            yield "utf-8" if control.get("name") == "_charset_" else control.get("value") or ""


def _selected(select: _Element) -> Iterator[str]:
    options = [option for option in select.iter("option") if option.get("disabled") is None]
    chosen = [option for option in options if option.get("selected") is not None]
    if select.get("multiple") is None:
        chosen = chosen[-1:] or options[:1]
    for option in chosen:
        value = option.get("value")
        yield value if value is not None else " ".join("".join(option.itertext()).split())


def _attribute(name: str, button: _Element | None, form: _Element) -> str:
    """An attribute of the form, which the button may override as ``form<name>``."""
    override = button.get(f"form{name}") if button is not None else None
    return override if override is not None else form.get(name) or ""


def _base(form: _Element, page_url: URL) -> URL:
    for base in form.getroottree().getroot().iter("base"):
        href = base.get("href")
        if href:
            return page_url.join(URL(href.strip()))
    return page_url


def _encoded(pairs: Sequence[tuple[str, str]], enctype: str) -> tuple[str, bytes]:
    match enctype.strip().lower():
        case "multipart/form-data":
            boundary = f"----prober{secrets.token_hex(12)}"
            return f"multipart/form-data; boundary={boundary}", _multipart(pairs, boundary)
        case "text/plain":
            return "text/plain", "".join(f"{name}={value}\r\n" for name, value in pairs).encode()
    return "application/x-www-form-urlencoded", urlencode(pairs).encode()


def _multipart(pairs: Sequence[tuple[str, str]], boundary: str) -> bytes:
    parts = []
    for name, value in pairs:
        quoted = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{quoted}"\r\n\r\n{value}\r\n')
    return "".join([*parts, f"--{boundary}--\r\n"]).encode()
