"""Searches through foreign pages find what they should, and cost little whatever the page is."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.classify import Answer, Audience, LoginEvidence, answer, login_trouble_words, login_verdict, login_words
from prober.classify.linear import Bytes, Phrases
from tests.classify.test_login import APOLOGIES, CODES, CREDENTIALS, FORGED, LOCKOUT

if TYPE_CHECKING:
    from collections.abc import Callable

LISTS = {name: getattr(module, name) for module in (login_words, login_trouble_words) for name in module.__all__}
PHRASES = {
    name: Phrases(pattern for patterns in words.values() for pattern in patterns) for name, words in LISTS.items()
}
TEXTS = [text for table in (CREDENTIALS, LOCKOUT, CODES, FORGED, APOLOGIES) for text in table.values()]
PIECES = st.sampled_from([word for text in TEXTS for word in text.lower().split()]) | st.text(max_size=5)


@given(words=st.lists(PIECES, max_size=12), name=st.sampled_from(sorted(PHRASES)))
def test_the_coarse_pattern_loses_nothing(words: list[str], name: str) -> None:
    """Wherever the exact pattern matches, the coarse one has let the text through."""
    text = " ".join(" ".join(words).encode("utf-8", "replace").decode().split())
    phrases = PHRASES[name]
    exact = phrases._exact.search(text)
    assert phrases.first(text) == (exact[0] if exact else None)


def signs_in(text: str) -> Callable[[], object]:
    evidence = LoginEvidence(role="submit", status=200, text=text, submitted=True, totp_sent=True)
    return lambda: login_verdict(evidence)


def answers(body: bytes) -> Callable[[], object]:
    given = Answer(status=403, headers={"content-type": "text/html"}, body=body)
    return lambda: answer(given, Audience.PAGE)


ORDINARY = "Welcome. Please sign in with your user name and password. Forgot your password? Contact support. "

HOSTILE = {
    "page": signs_in(ORDINARY * 1000),
    "words": signs_in("password " * 9000),
    "letters": signs_in("a" * 100_000),
    "chinese": signs_in("密码" * 50_000),
    "titles": answers(b"<title " * 20_000),
    "scripts": answers(b"<script a" * 20_000),
    "script-bodies": answers(b"<script>" * 20_000),
    "tags": answers(b"<" * 200_000),
    "errors": answers(b"error " * 20_000),
    "platforms": answers(b"/cdn-cgi/challenge-platform/scripts/jsd" * 5_000),
}


@pytest.mark.parametrize("look", HOSTILE.values(), ids=HOSTILE)
def test_a_page_costs_little(look: Callable[[], object]) -> None:
    """The CPU time stays far below what would disturb other probes' measurements; it was a tenth of a second once."""
    look()
    times = []
    for _ in range(5):
        began = time.thread_time()
        look()
        times.append(time.thread_time() - began)
    assert min(times) < 0.05


def test_bytes_of_any_encoding() -> None:
    """A page in an old encoding is no obstacle."""
    title = Bytes(r"<title[^>]*>([^<]*)")
    assert title.first(b"<TITLE>caf\xe9 \xff</title>") == b"caf\xe9 \xff"
    assert title.first(b"none") is None
    assert Bytes("a").count(b"bAnana") == 3
    assert not Bytes("x").found(b"")
