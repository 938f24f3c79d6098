"""Streamed answers that stop, stall, drip, flood or break (faults S1 to S6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.faults.case import Case, row
from tests.faults.judge import must_hold

if TYPE_CHECKING:
    from tests.conftest import Runner
    from tests.target.zoo import Zoo


def _chat(fault: str, says: str = "", *, name: str = "", **settings: Any) -> Case:
    return row(fault, says, kind="chat", name=name, **settings)


_STREAM_MIB = 32  # the bound of a stream
_INVALID = "unexpected_response invalid_event stream target"

STREAMS = (
    _chat("chat"),
    _chat("chat-split"),
    _chat("chat-bad-utf8"),
    _chat("chat-surrogate"),
    _chat("chat-no-done", "stream_truncated no_terminator stream unknown"),
    _chat("chat-no-finish", "stream_truncated no_terminator stream unknown"),
    _chat("chat-nothing", "stream_truncated no_terminator stream unknown"),
    _chat("chat-cut", "stream_truncated body_truncated stream unknown"),
    _chat("chat-reset", "connection_reset reset stream unknown"),
    _chat("chat-error", "server_error error_event stream target"),
    _chat("chat-error-first", "server_error error_event stream target"),
    _chat("chat-lone-done", "empty_response lone_done stream target"),
    _chat("chat-no-text", "empty_response no_text stream target"),
    _chat("chat-length", "output_truncated length stream us"),
    _chat("chat-other-text", "content_mismatch nonce expect target"),
    _chat("chat", "content_mismatch served_model expect target", name="chat-other-model", expect={"model": "zoo-2"}),
    _chat("chat-silent", "response_timeout first_token first_token target", deadlines={"first_token": "300ms"}),
    _chat("chat-silent", "response_timeout first_token first_token target", name="chat-silent-1s", timeout="1s"),
    _chat("chat-comments", "response_timeout first_token first_token target", deadlines={"first_token": "300ms"}),
    _chat("chat-comments", "response_timeout first_token first_token target", name="chat-comments-1s", timeout="1s"),
    _chat("chat-stall", "stream_stalled idle stream target", deadlines={"idle": "300ms"}),
    _chat("chat-comments-later", "stream_stalled idle stream target", deadlines={"idle": "300ms"}),
    _chat("chat-drip", "response_timeout total stream target", timeout="1s"),
    _chat("hang", "response_timeout header_timeout processing target", name="chat-hang", timeout="1s"),
    _chat("chat-flood", "unexpected_response too_many_events stream target"),
    _chat("chat-no-newline", "unexpected_response too_large first_token target"),
    _chat("chat-broken-json", _INVALID.replace("stream", "first_token")),
    _chat("chat-deep-json", _INVALID.replace("stream", "first_token")),
    _chat("chat-huge-number", _INVALID.replace("stream", "first_token")),
    _chat("chat-not-an-object", _INVALID.replace("stream", "first_token")),
    _chat("chat-choices-text", _INVALID.replace("stream", "first_token")),
    _chat("chat-not-streamed", "unexpected_response not_streamed transfer target"),
    _chat("chat-html", "unexpected_response html transfer target"),
)


@pytest.mark.parametrize("case", STREAMS, ids=str)
def test_streams(case: Case, zoo: Zoo, run_loop: Runner[Any]) -> None:
    """A stream is good only when it is whole; otherwise it is said how it broke, and where."""
    must_hold(case, zoo, run_loop, grows_mib=_STREAM_MIB)
