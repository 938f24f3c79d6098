"""The templates, what they all share, and the policy that lets a browser run only what is ours."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from prober import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from prober.sinks.state_rules import State

__all__ = ["SECURITY_HEADERS", "compile_templates", "icon_of", "rendered"]

_FOLDER = files("prober.web") / "templates"
_STYLE = (_FOLDER / "style.css").read_text("utf-8")
_SCRIPT = (_FOLDER / "live.js").read_text("utf-8")

_ICON_COLOURS = {"up": "#1f9d55", "degraded": "#e3a008", "partial": "#ea6a1a", "down": "#d92d3a"}
_ICON_SHAPES = {
    "up": '<circle cx="8" cy="8" r="7"/>',
    "degraded": '<path d="M8 1l7 13H1z"/>',
    "partial": '<circle cx="8" cy="8" r="6" fill="none" stroke-width="2"/><path d="M8 2a6 6 0 0 1 0 12z"/>',
    "down": '<path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z"/>',
}


def _hashed(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


SECURITY_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src {_hashed(_STYLE)}; script-src {_hashed(_SCRIPT)}; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Headers of every page: no script and no style but our own, nothing from elsewhere, in nobody's frame."""


def icon_of(state: State | str) -> str:
    """The favicon for a state, as a data URI; grey where nothing is known."""
    colour = _ICON_COLOURS.get(state, "#8793a0")
    shape = _ICON_SHAPES.get(state, '<circle cx="8" cy="8" r="6" fill="none" stroke-width="2"/>')
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="{colour}" stroke="{colour}">{shape}</svg>'
    )
    return "data:image/svg+xml," + quote(drawing, safe="")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("prober.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals |= {
        "icon_of": icon_of,
        "style": Markup(_STYLE),  # noqa: S704  our own file, and it has to be what the policy's hash says
        "script": Markup(_SCRIPT),  # noqa: S704  the same
        "version": __version__,
    }
    for name in environment.list_templates(extensions=["html", "svg"]):
        environment.get_template(name)  # compiled before the first request: that takes longer than a slice
    return environment


def compile_templates() -> None:
    """Read and compile all templates, which is done once."""
    _environment()


def rendered(template: str, context: Mapping[str, object]) -> Iterator[str]:
    """The page piece by piece; what is iterated over in the template is made as it is read."""
    return _environment().get_template(template).generate(context)
