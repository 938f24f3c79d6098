"""How long a server asks us to stay away."""

from __future__ import annotations

import pytest
from multidict import CIMultiDict

from prober.http.retry_after import retry_after_seconds

NOW = 1_445_412_420.0  # Wed, 21 Oct 2015 07:27:00 GMT

SAID: dict[str, tuple[dict[str, str], float | None]] = {
    "seconds": ({"Retry-After": "20"}, 20.0),
    "parts-of-seconds": ({"Retry-After": " 1.5 "}, 1.5),
    "milliseconds-first": ({"Retry-After": "20", "Retry-After-Ms": "1250"}, 1.25),
    "a-date": ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 60.0),
    "a-date-that-was": ({"Retry-After": "Wed, 21 Oct 2015 07:26:00 GMT"}, 0.0),
    "milliseconds-that-are-none": ({"Retry-After": "3", "Retry-After-Ms": "soon"}, 3.0),
    "nothing": ({}, None),
    "less-than-nothing": ({"Retry-After": "-5"}, None),
    "no-number": ({"Retry-After": "inf"}, None),
    "no-date": ({"Retry-After": "Wed, 99 Oct 2015 07:28:00 GMT"}, None),
    "far-too-long": ({"Retry-After": "9" * 5000}, None),
}


@pytest.mark.parametrize(("headers", "seconds"), SAID.values(), ids=SAID)
def test_what_headers_say(headers: dict[str, str], seconds: float | None) -> None:
    """Seconds, milliseconds or a date; anything else says nothing."""
    assert retry_after_seconds(CIMultiDict(headers), now=NOW) == seconds
