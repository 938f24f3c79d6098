"""Filling in and sending HTML forms as a browser does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from yarl import URL

from prober.probes.control import Entry, agreeing_button, as_written, controls_of, entries_of, submit_button
from prober.probes.form_data import encoded, encoding_of, url_encoded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lxml.etree import _Element

__all__ = ["FilledForm", "fill_in", "form_with"]


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
    for form, controls in controls_of(page).items():
        if wanted <= {name for control in controls if (name := control.get("name"))}:
            return form
    return None


def fill_in(
    form: _Element, fields: Mapping[str, str], *, page_url: URL, charset: str = "utf-8", agrees: bool = False
) -> FilledForm:
    """The form with these fields, sent by the button that a field names, else by its first; ``agrees``: by its assent.

    All successful controls go along (HTML standard, 4.10.22.4): hidden ones of any name, those that only name the form
    in ``form=``, texts that are empty. Fields that the form lacks are added. ``charset`` is the page's.
    """
    controls = controls_of(form.getroottree().getroot()).get(form, [])
    button = agreeing_button(controls) if agrees else submit_button(controls, fields)
    entries = list(entries_of(controls, fields, button))
    present = {entry.name for entry in entries}
    entries += [Entry(name=name, value=value) for name, value in fields.items() if name not in present]
    action = _attribute("action", button, form).strip()
    base = _base(form, page_url)
    url = (base.join(as_written(action)) if action else page_url).with_fragment(None)
    encoding = encoding_of(form.get("accept-charset"), charset)
    if _attribute("method", button, form).strip().upper() != "POST":
        return FilledForm(method="GET", url=_with_query(url, entries, encoding), content_type=None, body=b"")
    content_type, body = encoded(entries, _attribute("enctype", button, form), encoding)
    return FilledForm(method="POST", url=url, content_type=content_type, body=body)


def _with_query(url: URL, entries: Sequence[Entry], encoding: str) -> URL:
    query = url_encoded(entries, encoding).decode("ascii")
    return URL(f"{str(url).partition('?')[0]}?{query}", encoded=True)


def _attribute(name: str, button: _Element | None, form: _Element) -> str:
    """An attribute of the form, which the button may override as ``form<name>``."""
    override = button.get(f"form{name}") if button is not None else None
    return override if override is not None else form.get(name) or ""


def _base(form: _Element, page_url: URL) -> URL:
    """What relative addresses of the page are relative to."""
    for base in form.getroottree().getroot().iter("base"):
        href = base.get("href")
        if href:
            try:
                return page_url.join(as_written(href.strip()))
            except ValueError:
                return page_url
    return page_url
