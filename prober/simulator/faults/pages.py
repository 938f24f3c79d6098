"""Faults of the web app: its pages and assets, sign-in, the session, the history, sign-up."""

from __future__ import annotations

from dataclasses import dataclass

from prober.simulator.faults.fault import Fault
from prober.simulator.faults.keys import integer, key, number, one_of, text

__all__ = [
    "ASSETS",
    "Anonymous",
    "Blank",
    "Closed",
    "CsrfFailure",
    "EmptyAsset",
    "LockedOut",
    "LostHistory",
    "MissingAsset",
    "NoForm",
    "Oops",
    "RejectPassword",
    "Rejection",
    "ScriptError",
    "SignedOut",
    "SlowAsset",
    "WrongTypeAsset",
]

ASSETS = ("app.css", "app.js", "boot.js", "logo.svg", "hero.png", "text.woff2", "favicon.ico")
"""The files under ``/assets/``; app.js is the module, boot.js the classic script."""

_WEB = frozenset({"web"})
_LOGIN = frozenset({"login"})
_FORMS = frozenset({"login", "signup"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingAsset(Fault):
    """One asset is 404, as after a broken deployment."""

    name = "missing_asset"
    surfaces = _WEB

    asset: str = key(one_of(*ASSETS), "Which one.", default="app.js")


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongTypeAsset(Fault):
    """One asset is answered with the web app's page, 200 and text/html."""

    name = "wrong_type_asset"
    surfaces = _WEB

    asset: str = key(one_of(*ASSETS), "Which one.", default="app.js")


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyAsset(Fault):
    """One asset has no byte."""

    name = "empty_asset"
    surfaces = _WEB

    asset: str = key(one_of(*ASSETS), "Which one.", default="app.js")


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowAsset(Fault):
    """One asset comes later than the page."""

    name = "slow_asset"
    surfaces = _WEB

    asset: str = key(one_of(*ASSETS), "Which one.", default="text.woff2")
    seconds: float = key(number(0, 3600), "How much later.", default=5.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptError(Fault):
    """The app's script throws before it has done anything."""

    name = "script_error"
    surfaces = _WEB


@dataclass(frozen=True, slots=True, kw_only=True)
class Blank(Fault):
    """The page loads and shows nothing."""

    name = "blank"
    surfaces = _WEB | _FORMS


@dataclass(frozen=True, slots=True, kw_only=True)
class NoForm(Fault):
    """The page loads without its form."""

    name = "no_form"
    surfaces = _FORMS


@dataclass(frozen=True, slots=True, kw_only=True)
class Oops(Fault):
    """Right password or wrong, the submit ends at: Oops! We ran into an issue while signing you in."""

    name = "oops"
    surfaces = _LOGIN

    status: int = key(integer(200, 599), "The HTTP status of that page.", default=200)


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectPassword(Fault):
    """Rejects every password, the right one too."""

    name = "reject_password"
    surfaces = _LOGIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection(Fault):
    """How a wrong password is answered: by the form again with this status, or by a redirect to it with 302."""

    name = "rejection"
    surfaces = _LOGIN

    status: int = key(integer(200, 499), "The HTTP status; servers answer 200, 302, 400, 401 and 403.")


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedOut(Fault):
    """Refuses the right password as well: too many failed attempts."""

    name = "locked_out"
    surfaces = _LOGIN


@dataclass(frozen=True, slots=True, kw_only=True)
class CsrfFailure(Fault):
    """Rejects every hidden token of a form, as a server does that has lost its sessions."""

    name = "csrf"
    surfaces = _FORMS


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOut(Fault):
    """Whoever was signed in when the fault was set no longer is; new sign-ins last."""

    name = "signed_out"
    surfaces = frozenset({"session"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Anonymous(Fault):
    """The who-am-I knows nobody, right after a sign-in too."""

    name = "anonymous"
    surfaces = frozenset({"session"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LostHistory(Fault):
    """Conversations are accepted, and read back empty."""

    name = "lost_history"
    surfaces = frozenset({"history"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed(Fault):
    """No new accounts: the page says so and has no form, a submit is refused."""

    name = "closed"
    surfaces = frozenset({"signup"})

    text: str = key(
        text, "What the page says.", default="New sign-ups are temporarily disabled. Please come back later."
    )
