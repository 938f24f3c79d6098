"""Content encodings: undone in pieces, within a bound."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.http.decode import Decoder
from prober.model.errors import ErrorClass, ProbeFailure

if TYPE_CHECKING:
    from collections.abc import Callable


def deflated(data: bytes) -> bytes:
    """Raw deflate, as some servers send it."""
    squeeze = zlib.compressobj(wbits=-15)
    return squeeze.compress(data) + squeeze.flush()


ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "raw deflate": deflated,
    "identity": bytes,
}


@pytest.mark.parametrize("name", ENCODERS)
@given(data=st.binary(max_size=300), size=st.integers(1, 50))
def test_any_cutting_gives_the_data_back(name: str, data: bytes, size: int) -> None:
    """Encoded, cut anywhere and decoded, the data is the same."""
    encoded = ENCODERS[name](data)
    decoder = Decoder(name.rpartition(" ")[2], limit=10_000)
    seen = b"".join(decoder.feed(encoded[at : at + size]) for at in range(0, len(encoded), size))
    decoder.end()
    assert seen == data


def test_several_members_and_padding() -> None:
    """Gzip members follow each other; zeros after the last are passed over."""
    decoder = Decoder("gzip", limit=1000)
    assert decoder.feed(gzip.compress(b"a") + gzip.compress(b"b") + b"\0" * 16) == b"ab"


def test_a_bomb_is_refused_before_it_unfolds() -> None:
    """Decoding stops at the bound, not after it."""
    bomb = gzip.compress(b"\0" * 50_000_000)
    decoder = Decoder("gzip", limit=1_000_000)
    with pytest.raises(ProbeFailure) as failure:
        decoder.feed(bomb)
    assert failure.value.detail == "too_large"
    assert decoder.decoded_bytes < 2_000_000


BROKEN = {
    "garbage": ("gzip", [b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03" + b"\xff" * 50]),
    "no gzip at all": ("gzip", [b"<html>hello</html>"]),
    "too many members": ("gzip", [gzip.compress(b"") * 2000]),
    "never asked for": ("br", [b"x"]),
}


@pytest.mark.parametrize(("encoding", "pieces"), BROKEN.values(), ids=BROKEN)
def test_broken_encodings(encoding: str, pieces: list[bytes]) -> None:
    """What cannot be decoded is the failure bad_encoding."""
    with pytest.raises(ProbeFailure) as failure:
        Decoder(encoding, limit=10_000).feed(b"".join(pieces))
    assert (failure.value.error_class, failure.value.detail) == (ErrorClass.UNEXPECTED_RESPONSE, "bad_encoding")


def test_an_end_that_comes_too_early() -> None:
    """A gzip body that is cut short is truncated, however much of it could be decoded."""
    decoder = Decoder("gzip", limit=1000)
    decoder.feed(gzip.compress(b"hello")[:-9])
    with pytest.raises(ProbeFailure) as failure:
        decoder.end()
    assert (failure.value.error_class, failure.value.detail) == (ErrorClass.STREAM_TRUNCATED, "body_truncated")
