"""What is said in a line of a page that was loaded."""

from __future__ import annotations

from prober.cli.measures import measure_texts


def test_a_page_says_what_it_weighs_and_when_it_was_seen() -> None:
    """What is as it should be is not said."""
    good = {"http_status": 200, "bytes": 876, "page_requests": 8, "page_bytes": 4930, "assets_broken": 0}
    seen = {"mixed_content": 0, "fcp_seconds": 0.052, "lcp_seconds": 0.11, "layout_shift": 0.0}
    assert list(measure_texts({**good, **seen})) == [
        *("HTTP 200", "876 B", "8 requests", "4.93 kB in all", "first paint 52 ms", "largest paint 110 ms")
    ]


def test_a_page_says_what_is_wrong_with_it() -> None:
    """Broken assets, mixed content, what jumps; nothing was painted."""
    measures = {"page_requests": 1, "assets_broken": 2, "mixed_content": 3, "fcp_seconds": None, "layout_shift": 0.125}
    assert list(measure_texts(measures)) == ["2 broken", "3 refused as mixed content", "layout shift 0.12"]
