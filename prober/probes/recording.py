"""A login configuration for the form on a page, to begin with."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml.etree import _Element

from prober.http.expect.markup import html_of
from prober.http.expect.values import Unevaluable
from prober.probes.control import controls_of, kind_of_control
from prober.probes.form import form_with
from prober.probes.signs import captcha_on, is_code_field

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from prober.http.expect import Subject

__all__ = ["NoForm", "recorded"]

_TYPED = frozenset({"text", "email", "tel"})
_SOMEBODY = re.compile(r"user|mail|login|name|account|ident|phone|sub\b", re.IGNORECASE)
_SLUG = re.compile(r"[^a-z0-9]+")

_TEMPLATE = """\
# Recorded from {url}.
# Set LOGIN_USER and LOGIN_PASSWORD in the environment, fill in the step `whoami`, then try it: prober check -c FILE
version: 1
probes:
  - name: {name}
    kind: login
    provider: {provider}
    service: web
    interval: 5m # sites lock accounts after a few refused passwords; prober stops sending one that is refused
    timeout: 20s
    variables:
      base: {base}
      user: "${{env:LOGIN_USER}}"
      password: "${{env:LOGIN_PASSWORD}}"
    steps:
      - {{name: page, get: {page}, expect: {{status: 200}}}}
{steps}
      # No status tells a good sign-in from a failed one. Name a page or an API that only somebody signed in gets,
      # and what on it says that it is you.
      - name: whoami
        role: whoami
        get: "{{{{base}}}}/CHANGE-ME"
        expect: [{{contains: "{{{{user}}}}"}}]
    # Sign out, so that no sessions pile up: the selector of the form that does it, on the page after the sign-in.
    # finally: [{{name: logout, form: {{css: "form[action*=logout]"}}}}]
"""
_SUBMIT = """\
      - name: submit
        role: submit
        form: {choice}{hidden}
        fields: {{{fields}}}"""
_SECOND_PAGE = """\
      # The password is asked for on the page after that: the name of its field there is a guess.
      - {name: submit, role: submit, form: true, fields: {password: "{{password}}"}}"""
_CODE = """\
      # If a one-time code is asked for: its seed, and the name of its field.
      # - {name: code, totp: "${env:LOGIN_TOTP}", as: code}
      # - {name: second, role: submit, form: true, fields: {code: "{{code}}"}}"""
_CAPTCHA = "      # The page has a captcha: expect bot_challenge, and ask the owner to let this prober through."


class NoForm(Exception):
    """There is no form to sign in with; the text says what there is instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A form to sign in with, and the names of its fields; ``password`` is None where only the user is asked for."""

    form: _Element
    user: str | None
    password: str | None
    others: tuple[str, ...]


def recorded(page: Subject) -> str:
    """The configuration, as YAML with comments. Raises :class:`NoForm`."""
    try:
        root = html_of(page)
    except Unevaluable as error:
        raise NoForm(f"there is no page: {error}") from None
    found = _found(root)
    host = page.url.host or "site"
    return _TEMPLATE.format(
        url=_comment(str(page.url)),
        name=_slug(f"{host}-login"),
        provider=_slug(host),
        base=_quoted(str(page.url.origin())),
        page='"{{base}}' + _quoted(str(page.url.relative().with_fragment(None)))[1:],
        steps="\n".join(_steps(found, root, page)),
    )


def _found(root: _Element) -> _Found:
    """The form that asks for one password, else the one that asks who one is."""
    forms = [_read(form, controls) for form, controls in controls_of(root).items()]
    signs_in = [found for found in forms if found is not None]
    for found in sorted(signs_in, key=lambda found: found.password is None):
        return found
    raise NoForm(
        "there is no form to sign in with in the page's HTML. Scripts may make it: fill it in with `engine: browser` "
        "and the steps `fill` and `click`, or look in the browser's network tools for the request that signs in, and "
        "write it as a step `post` with `json`"
    )


def _read(form: _Element, controls: Sequence[_Element]) -> _Found | None:
    named = [control for control in controls if _usable(control.get("name"))]
    secret = [control for control in named if kind_of_control(control) == "password"]
    new = [control for control in secret if control.get("autocomplete") == "new-password"]
    typed = [control for control in named if kind_of_control(control) in _TYPED and not is_code_field(control)]
    users = [control for control in typed if _is_somebody(control)] or (typed if secret else [])
    if len(secret) > 1 or new or not (secret or users):
        return None
    if not secret and len(typed) > 1:  # a contact form, or a search
        return None
    user = users[0].get("name") if users else None
    password = secret[0].get("name") if secret else None
    others = [control.get("name") or "" for control in named if kind_of_control(control) == "hidden"]
    return _Found(form=form, user=user, password=password, others=tuple(dict.fromkeys(others)))


def _usable(name: str | None) -> bool:
    return bool(name) and "{{" not in (name or "")


def _is_somebody(control: _Element) -> bool:
    if kind_of_control(control) == "email" or (control.get("autocomplete") or "").endswith(("username", "email")):
        return True
    return any(_SOMEBODY.search(control.get(key) or "") for key in ("name", "id"))


def _steps(found: _Found, root: _Element, page: Subject) -> Iterator[str]:
    fields = {name: value for name, value in ((found.user, "{{user}}"), (found.password, "{{password}}")) if name}
    hidden = f" # sends the hidden fields as well: {_comment(', '.join(found.others))}" if found.others else ""
    submit = _SUBMIT.format(
        choice=_choice(found, root, list(fields)),
        hidden=hidden,
        fields=", ".join(f"{_quoted(name)}: {_quoted(value)}" for name, value in fields.items()),
    )
    if captcha_on(page):
        yield _CAPTCHA
    if found.password is None:
        yield submit.replace("name: submit", "name: identify", 1)
        yield _SECOND_PAGE
    else:
        yield submit
    yield _CODE


def _choice(found: _Found, root: _Element, fields: list[str]) -> str:
    """``true`` where the fields lead to this form, else a selector."""
    if form_with(root, fields) is found.form:
        return "true"
    for key in ("id", "name", "action"):
        value = found.form.get(key)
        if value and '"' not in value and "\\" not in value:
            selector = f'form[{key}="{value}"]'
            return f"{{css: {_quoted(selector)}}}"
    place = list(root.iter("form")).index(found.form) + 1
    return f"{{xpath: {_quoted(f'(//form)[{place}]')}}}"


def _quoted(text: str) -> str:
    """The text as YAML, in which nothing of it is a reference."""
    return json.dumps(text.replace("${", "$${"))


def _comment(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)[:200]


def _slug(text: str) -> str:
    return _SLUG.sub("-", text.lower()).strip("-") or "site"
