"""Streamed chat answers that stop, stall, drip, flood or break (faults S1 to S6)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from itertools import repeat
from types import MappingProxyType

from tests.target.server import LONG, Behaviour, answer, chunk, head, read_request, reset

__all__ = ["CHATS"]

_SSE = head("Content-Type: text/event-stream", "Transfer-Encoding: chunked")
_DONE = b"data: [DONE]\n\n"
Script = Callable[[str], AsyncIterator[bytes]]


class _Reset(Exception):
    """The connection is to be reset now."""


class _Cut(Exception):
    """The connection is to be closed now, inside the chunked body."""


def _event(**fields: object) -> bytes:
    base = {"id": "chatcmpl-zoo", "object": "chat.completion.chunk", "created": 1, "model": "zoo-1"}
    return b"data: " + json.dumps({**base, **fields}).encode() + b"\n\n"


def _token(text: str) -> bytes:
    return _event(choices=[{"index": 0, "delta": {"content": text}, "finish_reason": None}])


def _stop(reason: str = "stop") -> bytes:
    return _event(choices=[{"index": 0, "delta": {}, "finish_reason": reason}])


_ROLE = _event(choices=[{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}])


def _whole(text: str) -> tuple[bytes, ...]:
    return (_ROLE, _token(text[:4]), _token(text[4:]), _stop(), _DONE)


def streams(script: Script) -> Behaviour:
    """Read the prompt, then send what the script yields for the text that it asks to have repeated."""

    async def behaviour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await read_request(reader)
        prompt: str = json.loads(asked.body)["messages"][-1]["content"]
        writer.write(_SSE)
        try:
            async for piece in script(prompt.partition("exactly: ")[2]):
                writer.write(chunk(piece))
                await writer.drain()
            writer.write(chunk(b""))
        except _Cut:
            return
        except _Reset:
            await asyncio.sleep(0.05)
            reset(writer)

    return behaviour


def sends(pieces: Callable[[str], tuple[bytes, ...]]) -> Behaviour:
    """Send these pieces one after the other and end the body properly."""

    async def script(text: str) -> AsyncIterator[bytes]:
        for piece in pieces(text):
            yield piece

    return streams(script)


def then_repeats(piece: bytes, *, every: float, first: tuple[bytes, ...] = ()) -> Behaviour:
    """Send some pieces, then one for ever."""

    async def script(_text: str) -> AsyncIterator[bytes]:
        for one in first:
            yield one
        for one in repeat(piece, int(LONG / every)):
            await asyncio.sleep(every)
            yield one

    return streams(script)


async def _reset_inside(_text: str) -> AsyncIterator[bytes]:
    yield _ROLE + _token("hel")
    raise _Reset


async def _cut_inside(_text: str) -> AsyncIterator[bytes]:
    yield _ROLE + _token("hel")
    raise _Cut


async def _stall(_text: str) -> AsyncIterator[bytes]:
    yield _ROLE + _token("hel")
    await asyncio.sleep(LONG)


async def _nothing(_text: str) -> AsyncIterator[bytes]:
    await asyncio.sleep(LONG)
    yield b""


async def _flood(_text: str) -> AsyncIterator[bytes]:
    block = _token("x") * 1000
    for _ in range(100):
        yield block


async def _no_newline(_text: str) -> AsyncIterator[bytes]:
    yield b"data: "
    while True:
        yield b"x" * 65536


async def _split(text: str) -> AsyncIterator[bytes]:
    """Every way of ending a line, a byte order mark, and pieces that end inside a character and inside a line end."""
    whole = b"\xef\xbb\xbf: hello\r\r" + b"".join(_whole("grüße " + text)).replace(b"\n", b"\r")
    for start in range(0, len(whole), 7):
        yield whole[start : start + 7]


def says_json(body: object) -> Behaviour:
    """Answer with a JSON body at once, as if no stream had been asked for."""

    async def behaviour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(answer(json.dumps(body).encode(), "Content-Type: application/json"))

    return behaviour


async def _html(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(answer(b"<!doctype html><title>Welcome</title>", "Content-Type: text/html"))


def _raw(data: str) -> bytes:
    return f"data: {data}\n\n".encode("utf-8", "surrogateescape")


_CHOICE = '{"choices":[{"index":0,"delta":{"content":"%s"},"finish_reason":null}]}'
_ERROR = {"message": "The server had an error", "type": "server_error", "param": None, "code": None}
_PLAIN = {"index": 0, "message": {"role": "assistant", "content": "hello"}, "finish_reason": "stop"}

CHATS: Mapping[str, Behaviour] = MappingProxyType(
    {
        "chat": sends(_whole),
        "chat-no-done": sends(lambda text: _whole(text)[:-1]),
        "chat-no-finish": sends(lambda text: _whole(text)[:3]),
        "chat-cut": streams(_cut_inside),
        "chat-reset": streams(_reset_inside),
        "chat-stall": streams(_stall),
        "chat-silent": streams(_nothing),
        "chat-error": sends(lambda _text: (_ROLE, _token("hel"), _event(error=_ERROR), _DONE)),
        "chat-error-first": sends(lambda _text: (_raw(json.dumps({"error": _ERROR})), _DONE)),
        "chat-lone-done": sends(lambda _text: (_DONE,)),
        "chat-no-text": sends(lambda _text: (_ROLE, _stop(), _DONE)),
        "chat-nothing": sends(lambda _text: ()),
        "chat-length": sends(lambda text: (_ROLE, _token(text[:4]), _stop("length"), _DONE)),
        "chat-other-text": sends(lambda _text: _whole("Sorry, what was that?")),
        "chat-comments": then_repeats(b": keep-alive\n\n", every=0.05),
        "chat-comments-later": then_repeats(b": keep-alive\n\n", every=0.05, first=(_ROLE + _token("hel"),)),
        "chat-drip": then_repeats(_token("x"), every=0.05, first=(_ROLE,)),
        "chat-flood": streams(_flood),
        "chat-no-newline": streams(_no_newline),
        "chat-split": streams(_split),
        "chat-bad-utf8": sends(lambda text: (_raw(_CHOICE % "\udcff\udcfe"), *_whole(text))),
        "chat-surrogate": sends(lambda text: (_raw(_CHOICE % "\\ud800"), *_whole(text))),
        "chat-broken-json": sends(lambda _text: (_ROLE, _raw('{"choices": [{'), _DONE)),
        "chat-deep-json": sends(lambda _text: (_ROLE, _raw("[" * 100_000), _DONE)),
        "chat-huge-number": sends(lambda _text: (_ROLE, _raw('{"choices":[{"index":' + "9" * 5000 + "}]}"), _DONE)),
        "chat-not-an-object": sends(lambda _text: (_ROLE, _raw('"hello"'), _DONE)),
        "chat-choices-text": sends(lambda _text: (_ROLE, _raw('{"choices":"none"}'), _DONE)),
        "chat-not-streamed": says_json({"object": "chat.completion", "model": "zoo-1", "choices": [_PLAIN]}),
        "chat-html": _html,
    }
)
"""By name. The path does not matter."""
