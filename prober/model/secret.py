"""Secrets that do not print themselves, and redaction by value."""

from __future__ import annotations

import base64
import hmac
import html
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["REDACTED", "Redactor", "Secret"]

REDACTED = "[redacted]"
_MIN_LENGTH = 4
_WINDOW = 12
_SAFE_IN_URLS = ("", "/", "!$'()*,;:@/?", "!$&'()*+,;=:@/?")
_ESCAPE = re.compile(r"%[0-9A-F]{2}")
_MASK = re.compile(r"[*\u2022\u2026]{2,}|\.{3,}|[xX]{4,}")
_ENDS_OF_WORDS = "\"'<>"
_LONGEST_WORD = 200
_PUNCTUATION = ".,;:!?)]}"
_WORD = re.compile(r"[^\s\"'<>]{0,200}")
_URL_USERINFO = re.compile(r"(?<=://)[^/\s@]+@")


class Secret:
    """A value that shows itself only to :meth:`reveal`. ``==`` takes the same time whatever the values are."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself. Call it only where the value is sent."""
        return self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "Secret([redacted])"

    def __str__(self) -> str:
        return REDACTED

    def __format__(self, format_spec: str) -> str:
        return REDACTED

    def __reduce__(self) -> str:
        msg = "a Secret is not pickled"
        raise TypeError(msg)


def _forms(value: str) -> Iterator[str]:
    """The shapes in which a value may turn up: plain, URL-encoded, escaped for JSON or HTML, in base64, by lines."""
    yield value
    for safe in _SAFE_IN_URLS:
        quoted = quote(value, safe=safe)
        yield from (quoted, quoted.replace("%20", "+"), _ESCAPE.sub(lambda found: found[0].lower(), quoted))
    for plain in (False, True):
        escaped = json.dumps(value, ensure_ascii=plain)[1:-1]
        yield from (escaped, json.dumps(escaped, ensure_ascii=plain)[1:-1])  # the second is JSON inside of JSON
    page = html.escape(value, quote=False)
    yield from (page, page.replace('"', "&quot;"))
    for double, single in (("&quot;", "&#x27;"), ("&#34;", "&#39;"), ("&quot;", "&#39;")):
        yield page.replace('"', double).replace("'", single)
    yield repr(value)[1:-1]
    raw = value.encode("utf-8", "surrogatepass")
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        # Inside a longer text the three alignments give three texts; their middles are ours alone.
        for skip in range(3):
            encoded = encode(b"\0" * skip + raw).decode().rstrip("=")
            middle = encoded[(0, 2, 3)[skip] : len(encoded) - (1 if len(raw) + skip else 0)]
            if len(middle) >= 2 * _MIN_LENGTH:
                yield middle
    yield from (line for line in value.splitlines() if len(line) >= 2 * _MIN_LENGTH)


def _windows(value: str) -> Iterator[str]:
    """Every piece of a secret that is long enough to be one by itself; of a URL only the whole is secret."""
    if "://" not in value:
        yield from (value[at : at + _WINDOW] for at in range(len(value) - _WINDOW + 1))


class Redactor:
    """Replaces every known secret, in every form it may take, by ``[redacted]``: whole, in long pieces, and masked.

    Values shorter than four characters are left alone: they would blot out ordinary words. The time it takes depends on
    the text, not on the number of secrets: about 0.15 s a megabyte. It may be called in a thread while another one adds
    values.
    """

    __slots__ = ("_starts", "_values", "_windows")

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._values: set[str] = set()
        self._starts: dict[str, tuple[str, ...]] = {}
        self._windows: set[str] = set()
        self.add(values)

    def add(self, values: Iterable[str]) -> None:
        """Learn further values, for example those that a step extracted and marked as secret."""
        fresh = {value for value in values if len(value) >= _MIN_LENGTH} - self._values
        self._values = self._values | fresh  # another set: a thread may be going through this one
        for value in fresh:
            for window in _windows(value):
                self._windows.add(window)
                self._starts.setdefault(window[:_MIN_LENGTH], ())
            for form in _forms(value):
                if len(form) >= _MIN_LENGTH:
                    known = {*self._starts.get(form[:_MIN_LENGTH], ()), form}
                    self._starts[form[:_MIN_LENGTH]] = tuple(sorted(known, key=len, reverse=True))

    def know_only(self, values: Iterable[str]) -> None:
        """Know these, and forget the others: a secret that changes every hour would fill the memory in a year."""
        known = set(values)
        if not self._values <= known:
            fresh = Redactor(known)
            self._starts, self._windows, self._values = fresh._starts, fresh._windows, fresh._values
        self.add(known)

    def __call__(self, text: str) -> str:
        """The text without secrets, and without user and password inside URLs."""
        if self._values:
            text = self._without(text)
            if "%" in text:  # quoted in a way that is none of the forms
                plain = unquote(text)
                shown = self._without(plain)
                text = text if shown == plain else shown
            text = self._unmasked(text)
        return _URL_USERINFO.sub(REDACTED + "@", text) if "://" in text else text

    def _without(self, text: str) -> str:
        parts: list[str] = []
        done = 0
        for begin, end in self._spans(text):
            if begin > done or not parts:
                parts += [text[done:begin], REDACTED]
            done = max(done, end)
        return "".join([*parts, text[done:]]) if parts else text

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Begin and end of each secret, or piece of one, in order; they may overlap."""
        starts, windows = self._starts, self._windows
        # In one expression, since that is the whole time it takes: hardly any place is the begin of anything.
        places = [at for at in range(len(text) - _MIN_LENGTH + 1) if text[at : at + _MIN_LENGTH] in starts]
        for at in places:
            forms = starts[text[at : at + _MIN_LENGTH]]
            form = next((form for form in forms if text.startswith(form, at)), None)
            if form is not None:
                yield at, at + len(form)
            elif text[at : at + _WINDOW] in windows:
                yield at, at + _WINDOW

    def _unmasked(self, text: str) -> str:
        """The text without keys of which a provider shows the begin or the end, as ``sk-ab****yz``, if they are ours.

        It begins at the masks, of which most texts have none, since a look at every word that might lead to one takes
        a hundred times as long.
        """
        parts: list[str] = []
        done = seen = 0
        for mask in _MASK.finditer(text):
            head = _last_word(text[max(seen, mask.start() - _LONGEST_WORD) : mask.start()])
            tail = _first_word(text, mask.end())
            shown = self._shown_of(head, tail)
            seen = mask.end()
            if shown is not None:
                parts += [text[done : mask.start() - len(head)], shown]
                done = seen = mask.end() + len(tail)
        return "".join([*parts, text[done:]]) if parts else text

    def _shown_of(self, head: str, tail: str) -> str | None:
        """What is left of a masked word; None if it is none of ours."""
        for value in self._values:
            at = head.rfind(value[:_MIN_LENGTH])
            if at >= 0 and value.startswith(head[at:]):
                return head[:at] + REDACTED
            if len(tail) >= _MIN_LENGTH and value.rstrip(_PUNCTUATION).endswith(tail):
                return REDACTED
        return REDACTED if head.endswith(REDACTED) else None


def _last_word(text: str) -> str:
    at = len(text)
    while at and not (text[at - 1].isspace() or text[at - 1] in _ENDS_OF_WORDS):
        at -= 1
    return text[at:]


def _first_word(text: str, at: int) -> str:
    """The rest of the word there, up to the next mask in it or the end of its sentence."""
    found = _WORD.match(text, at)
    word = found[0] if found is not None else ""
    mask = _MASK.search(word)
    return (word if mask is None else word[: mask.start()]).rstrip(_PUNCTUATION)
