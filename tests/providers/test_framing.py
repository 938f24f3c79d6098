"""The same stream in every form that the standards allow, or that servers are known for, is the same answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
import uvloop

from tests.providers.asking import ask, said
from tests.providers.speech import SPEECHES, Speech
from tests.providers.wire import Act, Asked, chunked

if TYPE_CHECKING:
    from collections.abc import Iterable

SNOWMAN = "☃"
Form = Callable[[bytes], bytes]

SSE: dict[str, Form] = {
    "crlf": lambda data: data.replace(b"\n", b"\r\n"),
    "cr": lambda data: data.replace(b"\n", b"\r"),
    "byte-order-mark": lambda data: b"\xef\xbb\xbf" + data,
    "no-space": lambda data: data.replace(b"data: ", b"data:").replace(b"event: ", b"event:"),
    "no-names": lambda data: re.sub(rb"(?m)^event: .*\n", b"", data),
    "names-last": lambda data: re.sub(rb"(?m)^(event: .*\n)(data: .*\n)", rb"\2\1", data),
    "comments": lambda data: b": hello\n\n" + data.replace(b"data: ", b": ping\ndata: "),
    "ids": lambda data: data.replace(b"data: ", b"id: 7\nretry: 100\ndata: "),
    "blank-lines": lambda data: b"\n\n" + data.replace(b"\n\n", b"\n\n\n\n"),
    "many-data-lines": lambda data: re.sub(rb"(?m)^data: \{(.*)\}$", rb"data: {\ndata: \1\ndata: }", data),
    "unknown-event": lambda data: b'event: novelty\ndata: {"type":"novelty","event_type":"novelty"}\n\n' + data,
}
NDJSON: dict[str, Form] = {
    "crlf": lambda data: data.replace(b"\n", b"\r\n"),
    "blank-lines": lambda data: data.replace(b"\n", b"\n\n"),
    "unknown-fields": lambda data: data.replace(b"{", b'{"novelty":[1],', 1),
}
ROWS = {
    f"{speech.protocol}-{name}": (speech, form)
    for speech in SPEECHES.values()
    for name, form in (SSE if speech.kind == "text/event-stream" else NDJSON).items()
}


def _stream(speech: Speech, text: str) -> bytes:
    """A good stream with a letter of three bytes in it."""
    data = b"".join((*speech.opening, speech.say(text), speech.say(SNOWMAN), *speech.close(speech.stop)))
    return data.replace(b"\\u2603", SNOWMAN.encode())


@pytest.mark.parametrize(("speech", "form"), ROWS.values(), ids=ROWS)
@pytest.mark.parametrize("size", [1, 10_000])
def test_any_form(speech: Speech, form: Form, size: int) -> None:
    """Byte by byte, so also in the middle of a letter, or all at once."""

    def script(asked: Asked) -> Iterable[Act]:
        data = form(_stream(speech, speech.text(asked)))
        return chunked([data[at : at + size] for at in range(0, len(data), size)], kind=speech.kind)

    result = uvloop.run(ask(script, path=speech.path, protocol=speech.protocol, expect={"contains": SNOWMAN}))
    assert said(result) == "ok", result.failure
    tokens = tuple(result.measures[f"{name}_tokens"] for name in ("input", "cached", "output", "reasoning"))
    assert tokens == speech.usage
