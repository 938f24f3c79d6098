"""What of a sign-in is to be seen on a page: its fields, its words, a captcha."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.http.expect.markup import html_of, text_of_element
from prober.http.expect.values import Unevaluable
from prober.probes.form import form_with

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from lxml.etree import _Element

    from prober.http.expect import Subject

__all__ = ["Signs", "captcha_on", "is_code_field", "shows_form", "signs_of"]

_OTP = re.compile(r"otp|totp|mfa|2fa|one.?time|passcode|verification.?code|(^|[-_.])code$", re.IGNORECASE)
_NO_OTP = frozenset({"hidden", "submit", "button", "checkbox", "radio", "password", "image", "reset"})
_CAPTCHAS = ("cf-turnstile", "g-recaptcha", "h-captcha")
_CAPTCHA_HOSTS = ("challenges.cloudflare.com", "google.com/recaptcha", "recaptcha.net", "hcaptcha.com")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What of a sign-in is to be seen on a page."""

    text: str
    password: bool = False
    otp: bool = False


def signs_of(subject: Subject) -> Signs:
    """The signs on the page that came; of anything but a page there is only the text."""
    try:
        root = html_of(subject)
        text = text_of_element(root, lambda: None)
    except (Unevaluable, RecursionError):
        return Signs(text=subject.text)
    inputs = [node for node in root.iter("input") if node.get("disabled") is None]
    return Signs(
        text=text,
        password=any((node.get("type") or "").lower() == "password" for node in inputs),
        otp=any(map(is_code_field, inputs)),
    )


def shows_form(subject: Subject, forms: Iterable[Collection[str]]) -> bool:
    """Whether one of these forms, each named by its fields, is on the page that came."""
    try:
        root = html_of(subject)
    except Unevaluable:
        return False
    return any(form_with(root, names) is not None for names in forms)


def is_code_field(node: _Element) -> bool:
    """Whether an input asks for a one-time code."""
    if (node.get("type") or "text").lower() in _NO_OTP:
        return False
    if node.get("autocomplete") == "one-time-code":
        return True
    return any(_OTP.search(node.get(key) or "") for key in ("name", "id"))


def captcha_on(subject: Subject) -> bool:
    """Whether the page that came wants to see a person."""
    try:
        root = html_of(subject)
    except Unevaluable:
        return False
    if any(set((node.get("class") or "").split()) & set(_CAPTCHAS) for node in root.iter("div", "span")):
        return True
    return any(host in (node.get("src") or "") for node in root.iter("script", "iframe") for host in _CAPTCHA_HOSTS)
