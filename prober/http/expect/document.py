"""The JSON in a text, or why there is none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NoReturn

from prober.http.expect.values import Unevaluable

if TYPE_CHECKING:
    from prober.http.expect.subject import Subject
    from prober.http.expect.values import Value

__all__ = ["document_of", "parse_json"]


def _no_constant(name: str) -> NoReturn:
    msg = f"{name} is not JSON"
    raise ValueError(msg)


_DECODER = json.JSONDecoder(parse_constant=_no_constant)


def parse_json(text: str) -> Value:
    """The value of a JSON text. Raises ValueError, also for NaN, for 5,000 digits and for 10,000 brackets.

    Of a key that stands twice the last counts, as in browsers. Half a surrogate pair is kept as it came.
    """
    try:
        value: Value = _DECODER.decode(text.removeprefix("\ufeff"))
    except RecursionError:
        msg = "nested too deeply"
        raise ValueError(msg) from None
    return value


def document_of(subject: Subject) -> Value:
    """The JSON in the subject's text, parsed once. Raises :class:`Unevaluable` where there is none."""
    memo = subject.memo
    if memo.json is None:
        try:
            memo.json = (parse_json(subject.text),)
        except ValueError:
            size = subject.size()
            memo.json = Unevaluable(f"not JSON: {size}")
    if isinstance(memo.json, Unevaluable):
        raise memo.json.again()
    return memo.json[0]
