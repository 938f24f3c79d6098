"""The event stream parser: the standard's rules, and indifference to how the bytes are cut."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.http.ndjson import LineParser
from prober.http.sse import Event, EventParser
from prober.model.errors import ErrorClass, ProbeFailure

CASES = {
    "one": (b"data: a\n\n", [Event("a")]),
    "no space after the colon": (b"data:a\n\n", [Event("a")]),
    "only one space is dropped": (b"data:  a\n\n", [Event(" a")]),
    "crlf": (b"data: a\r\n\r\ndata: b\r\n\r\n", [Event("a"), Event("b")]),
    "cr": (b"data: a\r\rdata: b\r\r", [Event("a"), Event("b")]),
    "several data lines join": (b"data: a\ndata: b\n\n", [Event("a\nb")]),
    "named": (b"event: ping\ndata: {}\n\n", [Event("{}", "ping")]),
    "a name without data is no event": (b"event: ping\n\ndata: a\n\n", [Event("a")]),
    "comments are none": (b": hello\n\ndata: a\n\n", [Event("a")]),
    "id and retry are passed over": (b"id: 1\nretry: 5\ndata: a\n\n", [Event("a")]),
    "an empty data line": (b"data\n\n", [Event("")]),
    "a byte order mark": (b"\xef\xbb\xbfdata: a\n\n", [Event("a")]),
    "invalid utf-8 is replaced": (b"data: \xff\n\n", [Event("\ufffd")]),
    "an event without its blank line is none": (b"data: a\n\ndata: b\n", [Event("a")]),
}


@pytest.mark.parametrize(("stream", "events"), CASES.values(), ids=CASES)
def test_reads_the_format_of_the_standard(stream: bytes, events: list[Event]) -> None:
    """Each rule of the format gives the events that a browser would see."""
    assert EventParser().feed(stream) == events


@pytest.mark.parametrize("stream", [stream for stream, _ in CASES.values()], ids=CASES)
def test_every_cut_gives_the_same_events(stream: bytes) -> None:
    """Wherever a stream is cut in two, the events are the same."""
    whole = EventParser().feed(stream)
    for cut in range(len(stream) + 1):
        parser = EventParser()
        assert parser.feed(stream[:cut]) + parser.feed(stream[cut:]) == whole, cut


@given(
    st.lists(st.sampled_from([b"data: x", b"event: e", b":c", b"\n", b"\r\n", b"\r", b"\xc3\xa9", b"junk"])), st.data()
)
def test_any_cutting_gives_the_same_events(parts: list[bytes], data: st.DataObject) -> None:
    """Any way of cutting any stream gives the same events, comments and strays."""
    stream = b"".join(parts)
    whole = EventParser()
    expected = whole.feed(stream)
    cut = EventParser()
    seen: list[Event] = []
    position = 0
    while position < len(stream):
        size = data.draw(st.integers(1, 5))
        seen += cut.feed(stream[position : position + size])
        position += size
    assert seen == expected
    assert (cut.comments, cut.rest()) == (whole.comments, whole.rest())


@given(st.binary(max_size=200))
def test_no_bytes_break_it(noise: bytes) -> None:
    """Whatever comes, the parser returns."""
    EventParser().feed(noise)


def test_comments_are_counted() -> None:
    """A server that only sends comments is known to have done so."""
    parser = EventParser()
    assert parser.feed(b": OPENROUTER PROCESSING\n\n" * 3) == []
    assert parser.comments == 3


def test_bare_json_is_kept_aside() -> None:
    """Lines that are no field, such as an error sent as bare JSON, can be read after the end."""
    parser = EventParser()
    assert parser.feed(b'data: {}\n\n{\n"error": {"code": 503}\n}') == [Event("{}")]
    assert parser.rest() == '{\n"error": {"code": 503}\n}\n'


@pytest.mark.parametrize("line", [b"data: ", b"", b"data: x\ndata: "], ids=["one line", "no field", "many lines"])
def test_an_endless_event_is_refused(line: bytes) -> None:
    """An event that grows beyond its bound is a failure, however it is cut."""
    parser = EventParser(limit=1000)
    parser.feed(line + b"x" * 400)
    parser.feed(b"x" * 400)
    with pytest.raises(ProbeFailure) as failure:
        parser.feed(b"x" * 400)
    assert (failure.value.error_class, failure.value.detail) == (ErrorClass.UNEXPECTED_RESPONSE, "too_large")


def test_lines_of_json() -> None:
    """Newline-delimited JSON gives one event a line, however it is cut."""
    stream = b'{"a": 1}\r\n\n{"b": 2}\n{"c"'
    for cut in range(len(stream) + 1):
        parser = LineParser()
        assert parser.feed(stream[:cut]) + parser.feed(stream[cut:]) == [Event('{"a": 1}'), Event('{"b": 2}')]
        assert parser.rest() == '{"c"'


def test_an_endless_line_is_refused() -> None:
    """A line that grows beyond its bound is a failure."""
    parser = LineParser(limit=10)
    with pytest.raises(ProbeFailure, match="longer than 10 bytes"):
        parser.feed(b"x" * 11)


def test_a_long_line_in_small_pieces_takes_no_time_by_the_square() -> None:
    """Four megabytes in eight thousand pieces are joined once; joined for each piece they would take half a minute."""
    parser, began = LineParser(), time.process_time()
    pieces = [b"x" * 512] * 8192
    assert not any(parser.feed(piece) for piece in pieces)
    assert parser.feed(b"\n") == [Event("x" * 512 * 8192)]
    assert time.process_time() - began < 5
