"""A server of chat streams in a process of its own: fifty events a second, each at its time by the server's clock.

It prints its port when it listens. ``GET /elapsed`` gives, for each request id, the nanoseconds from the request to the
first content.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import cast

import uvloop

__all__ = ["EVENTS", "main"]

EVENTS = 250
_GAP = 0.02
_HEAD = (
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nx-request-id: {id}\r\n"
    "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
)
_FRAME = (
    '{{"id":"c","object":"chat.completion.chunk","created":1,"model":"bench",'
    '"choices":[{{"index":0,"delta":{{{delta}}},"logprobs":null,"finish_reason":{finish}}}]}}'
)


def _chunk(data: str) -> bytes:
    raw = f"data: {data}\n\n".encode()
    return b"%x\r\n%s\r\n" % (len(raw), raw)


def _content(text: str) -> bytes:
    return _chunk(_FRAME.format(delta=f'"content":{json.dumps(text)}', finish="null"))


_ROLE = _chunk(_FRAME.format(delta='"role":"assistant","content":""', finish="null"))
_WORD = _content(" word")
_END = _chunk(_FRAME.format(delta="", finish='"stop"')) + _chunk("[DONE]") + b"0\r\n\r\n"


class _Speaker(asyncio.Protocol):
    """Answers one request with one stream; each content is written when it is due, so that the pace does not drift."""

    def __init__(self, elapsed: dict[str, int]) -> None:
        self._elapsed = elapsed
        self._data = b""
        self._words = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, _, body = self._data.partition(b"\r\n\r\n")
        if head.startswith(b"GET"):
            document = json.dumps(self._elapsed).encode()
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(document))
            self._transport.write(document)
            self._transport.close()
        elif body.endswith(b"}"):
            self._begin(json.loads(body)["messages"][0]["content"])

    def _begin(self, prompt: str) -> None:
        self._asked_ns = time.perf_counter_ns()
        self._id = f"r{len(self._elapsed)}"
        self._elapsed[self._id] = 0
        self._began = asyncio.get_running_loop().time() + 0.1
        self._transport.write(_HEAD.format(id=self._id).encode() + _ROLE)
        self._first = _content(prompt.rpartition(" ")[2])
        asyncio.get_running_loop().call_at(self._began, self._say)

    def _say(self) -> None:
        if not self._words:
            self._elapsed[self._id] = time.perf_counter_ns() - self._asked_ns
        self._transport.write(_WORD if self._words else self._first)
        self._words += 1
        if self._words < EVENTS:
            asyncio.get_running_loop().call_at(self._began + self._words * _GAP, self._say)
        else:
            self._transport.write(_END)
            self._transport.close()


async def _serve() -> None:
    elapsed: dict[str, int] = {}
    server = await asyncio.get_running_loop().create_server(lambda: _Speaker(elapsed), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


def main() -> None:
    """Serve until killed."""
    uvloop.run(_serve())


if __name__ == "__main__":
    main()
