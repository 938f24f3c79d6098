"""Whatever JSON a server may send, a protocol's reader reads it or says that it cannot."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import prober.providers
from prober.http.sse import Event
from prober.providers import PROTOCOLS
from prober.providers.protocol import ChatProtocol, combined, merged
from prober.providers.reply import Reply
from tests.providers.speech import SPEECHES

if TYPE_CHECKING:
    from collections.abc import Callable

EVERY = pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=lambda protocol: protocol.name)

_SOURCE = "".join(path.read_text() for path in sorted(Path(prober.providers.__file__).parent.glob("*.py")))
WORDS = sorted({*re.findall(r'"([A-Za-z_.]{2,40})"', _SOURCE)})
"""Every key and every value that any reader looks for."""

LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 10**20), st.floats(), st.text(max_size=3), st.sampled_from(WORDS)
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(WORDS), inner, max_size=4)),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(st.sampled_from(WORDS), VALUES, max_size=6)


def _mutations() -> st.SearchStrategy[Any]:
    """The documents of good answers with one value somewhere replaced by any other."""
    good = [speech.whole("12345678", speech.stop) for speech in SPEECHES.values()]
    for speech in SPEECHES.values():
        for event in b"".join((*speech.stream("12345678"), speech.error)).split(b"\n"):
            data = event.removeprefix(b"data: ")
            good += [json.loads(data)] if data.startswith(b"{") else []
    return st.builds(_replaced, st.sampled_from(good), st.randoms(use_true_random=False), VALUES)


def _replaced(document: Any, random: Any, value: Any) -> Any:
    if isinstance(document, dict) and document and random.random() < 0.8:
        key = random.choice(sorted(document))
        return {**document, key: _replaced(document[key], random, value)}
    if isinstance(document, list) and document and random.random() < 0.8:
        at = random.randrange(len(document))
        return [*document[:at], _replaced(document[at], random, value), *document[at + 1 :]]
    return value


def _read(read: Callable[[Any, Reply], None], document: Any) -> Reply | None:
    reply = Reply()
    try:
        read(document, reply)
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return reply


def _assert_sound(reply: Reply) -> None:
    """What the probe relies on: texts are texts, tokens count, parts are inside their wholes."""
    assert all(isinstance(text, str) and text for text in reply.visible)
    assert reply.contents >= len(reply.visible)
    assert all(value is None or (isinstance(value, str) and value) for value in (reply.model, reply.id, reply.finish))
    usage = reply.usage
    if usage is not None:
        assert 0 <= usage.cached <= usage.input < 10**13
        assert 0 <= usage.reasoning <= usage.output
    assert reply.cost is None or 0 <= reply.cost < 10**12


@EVERY
@given(document=st.one_of(DOCUMENTS, _mutations()), name=st.sampled_from(["", *WORDS]))
def test_any_event(protocol: ChatProtocol, document: Any, name: str) -> None:
    """An event of a stream."""
    reply = _read(lambda it, into: protocol.event(Event(json.dumps(it), name), into), document)
    if reply is not None:
        _assert_sound(reply)


@EVERY
@given(document=st.one_of(DOCUMENTS, _mutations().filter(lambda it: isinstance(it, dict))))
def test_any_whole_answer(protocol: ChatProtocol, document: Any) -> None:
    """A whole answer that was read has ended, and says why: by a reason, an error, or a verdict."""
    reply = _read(protocol.whole, document)
    if reply is not None:
        _assert_sound(reply)
        assert reply.error is not None or (reply.ended and (reply.finish is not None or reply.verdict is not None))


@EVERY
@given(data=st.text(max_size=40))
def test_any_text(protocol: ChatProtocol, data: str) -> None:
    """An event that is no JSON at all."""
    _read(lambda it, into: protocol.event(Event(it), into), data)


def test_patches() -> None:
    """RFC 7396, with its own examples."""
    document = {"title": "Goodbye!", "author": {"givenName": "John", "familyName": "Doe"}, "tags": ["a", "b"]}
    patch = {"title": "Hello!", "phone": "1", "author": {"familyName": None}, "tags": ["c"]}
    assert merged(document, patch) == {"title": "Hello!", "author": {"givenName": "John"}, "tags": ["c"], "phone": "1"}
    assert merged({"a": "b"}, {"a": {"bb": {"ccc": None}}}) == {"a": {"bb": {}}}
    assert merged({"e": None}, {"a": 1}) == {"e": None, "a": 1}


@given(document=DOCUMENTS, patch=DOCUMENTS)
def test_a_patch_done_twice_is_done_once(document: Any, patch: Any) -> None:
    """And it leaves what it was given alone."""
    before = repr(document), repr(patch)
    once = merged(document, patch)
    assert repr(merged(once, patch)) == repr(once)
    assert (repr(document), repr(patch)) == before


@given(document=DOCUMENTS, first=DOCUMENTS, second=DOCUMENTS)
def test_two_patches_are_one(document: Any, first: Any, second: Any) -> None:
    """The catalogue's and the probe's: as if they were applied one after the other."""
    one, other = merged(document, combined(first, second)), merged(merged(document, first), second)
    assert json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
