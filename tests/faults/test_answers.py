"""Answers that are slow, huge, endless or broken (faults C6 and H1 to H8, H11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.faults.case import Case, row
from tests.faults.judge import must_hold

if TYPE_CHECKING:
    from tests.conftest import Runner
    from tests.target.zoo import Zoo

_BROKEN = "unexpected_response {} {} target"

HEADS = (
    row("slow-loris", "response_timeout header_timeout processing target", timeout="1s"),
    row("long-header", _BROKEN.format("headers_too_large", "processing")),
    row("long-status", _BROKEN.format("headers_too_large", "processing")),
    row("many-headers", _BROKEN.format("headers_too_large", "processing")),
    row("cookie-flood", _BROKEN.format("headers_too_large", "processing")),
    row("informational-flood", _BROKEN.format("informational_flood", "processing")),
    row("blank-flood", _BROKEN.format("headers_too_large", "processing")),
    row("status-99", _BROKEN.format("status", "processing")),
    row("garbage", _BROKEN.format("protocol", "processing")),
    row("no-number", _BROKEN.format("protocol", "processing")),
    row("another-protocol", _BROKEN.format("protocol", "processing")),
    row("nul", _BROKEN.format("protocol", "processing")),
    row("space-in-name", _BROKEN.format("protocol", "processing")),
    row("no-colon", _BROKEN.format("protocol", "processing")),
    row("length-and-chunked", _BROKEN.format("protocol", "processing")),
    row("two-lengths", _BROKEN.format("protocol", "processing")),
    row("negative-length", _BROKEN.format("protocol", "processing")),
    row("cut-head", "connection_reset closed processing unknown"),
)

BODIES = (
    row("reset-body", "connection_reset reset transfer unknown"),
    row("short-body", "stream_truncated body_truncated transfer unknown"),
    row("cut-chunked", "stream_truncated body_truncated transfer unknown"),
    row("cut-chunk", "stream_truncated body_truncated transfer unknown"),
    row("bad-chunk", _BROKEN.format("bad_encoding", "transfer")),
    row("bad-chunk-end", _BROKEN.format("bad_encoding", "transfer")),
    row("bad-chunk-later", _BROKEN.format("bad_encoding", "transfer")),
    row("drip", "response_timeout body transfer target", timeout="1s"),
    row("drip-chunks", "response_timeout body transfer target", timeout="1s"),
    row("body-stops", "response_timeout body transfer target", timeout="1s"),
    row("endless", _BROKEN.format("too_large", "transfer")),
    row("endless-chunks", _BROKEN.format("too_large", "transfer")),
    row("endless-length", _BROKEN.format("too_large", "transfer")),
    row("gzip-bomb", _BROKEN.format("too_large", "transfer")),
    row("gzip-members", _BROKEN.format("bad_encoding", "transfer")),
    row("gzip-broken", _BROKEN.format("bad_encoding", "transfer")),
    row("gzip-not", _BROKEN.format("bad_encoding", "transfer")),
    row("gzip-cut", "stream_truncated body_truncated transfer unknown"),
    row("unasked-encoding", _BROKEN.format("bad_encoding", "transfer")),
    row(
        "no-length-cut",
        "content_mismatch expectation expect target",
        kind="page",
        expect={"contains": "</html>"},
    ),
)

HEALTHY = (
    row("some-informational"),
    row("blank-first"),
    row("odd-reason"),
    row("bare-lf"),
    row("cookies"),
    row("huge-cookie"),
    row("gzip", expect={"contains": "All is well"}),
    row("no-length", kind="page", expect={"contains": "</html>"}),
)


@pytest.mark.parametrize("case", HEADS, ids=str)
def test_heads(case: Case, zoo: Zoo, run_loop: Runner[Any]) -> None:
    """A status line or header that is late, too large or broken ends the run in `processing`."""
    must_hold(case, zoo, run_loop)


@pytest.mark.parametrize("case", BODIES, ids=str)
def test_bodies(case: Case, zoo: Zoo, run_loop: Runner[Any]) -> None:
    """A body that is cut, endless, broken or a bomb ends the run in `transfer`, with memory within twice its bound."""
    must_hold(case, zoo, run_loop)


def test_tiny_chunks(zoo: Zoo, run_loop: Runner[Any]) -> None:
    """A flood of chunks of a byte costs what it costs, but not in one go: the loop stays free for the others."""
    case = row("tiny-chunks", _BROKEN.format("too_large", "transfer"), limits={"body": "100KiB"})
    must_hold(case, zoo, run_loop)


@pytest.mark.parametrize("case", HEALTHY, ids=str)
def test_odd_but_right(case: Case, zoo: Zoo, run_loop: Runner[Any]) -> None:
    """What a browser takes without a word is no failure."""
    must_hold(case, zoo, run_loop)
