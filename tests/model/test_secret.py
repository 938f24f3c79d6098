"""Secrets and redaction by value."""

from __future__ import annotations

import base64
import html
import json
import pickle
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from yarl import URL

from prober.model.secret import REDACTED, Redactor, Secret

KEY = 'sk-canary-9f8e7d6c"x\\y/z&a=b +%t:é'

SHOWN = {
    "as it is": KEY,
    "in a sentence": f"the key {KEY} is wrong",
    "url-encoded": quote(KEY, safe=""),
    "as a path": quote(KEY),
    "as a query": f"?k={quote_plus(KEY)}&x",
    "by yarl as a query": str(URL("http://a.example/").with_query(k=KEY)),
    "by yarl as a path": str(URL("http://a.example/") / "x" / KEY.replace("/", "")),
    "lower case escapes": quote(KEY, safe="").lower() if KEY.islower() else quote(KEY, safe="").replace("%2F", "%2f"),
    "json": json.dumps({"k": KEY}),
    "json as text": json.dumps({"k": KEY}, ensure_ascii=False),
    "json inside of json": json.dumps({"k": json.dumps({"k": KEY})}),
    "html": f'<input value="{html.escape(KEY)}">',
    "html as a template engine has it": KEY.replace("&", "&amp;").replace('"', "&#34;"),
    "html as a text": f"<p>{html.escape(KEY, quote=False)}</p>",
    "repr": repr(KEY),
    "base64": base64.b64encode(KEY.encode()).decode(),
    "basic": base64.b64encode(f"user:{KEY}".encode()).decode(),
    "basic of another length": base64.b64encode(f"me:{KEY}".encode()).decode(),
    "most of it": KEY[3:-4],
    "its begin": KEY[:14],
    "its end": KEY[-14:],
    "masked": f"Incorrect API key provided: {KEY[:8]}****{KEY[-4:]}.",
    "masked by dots": f"key {KEY[:7]}...abcd",
}


@pytest.mark.parametrize("text", SHOWN.values(), ids=SHOWN)
def test_no_form_of_a_secret_is_shown(text: str) -> None:
    """Whatever form it takes, no six characters of the secret in a row are left."""
    shown = Redactor([KEY])(text)
    assert REDACTED in shown
    assert not any(KEY[at : at + 6] in shown for at in range(len(KEY) - 5))


@pytest.mark.parametrize(
    "text",
    [
        f"key {KEY[:2]}-***{KEY[-4:]}",
        f"The key sk...{KEY[-4:]}, which was given, is wrong.",
        f"***{KEY[-4:]}***",
        f"{KEY[:4]}**ab**cd",
        f"a**b**c**{KEY[-5:]}",
        f"({KEY[:6]}\u2026\u2026)",
    ],
)
def test_no_end_of_a_masked_secret_is_shown(text: str) -> None:
    """Nor its begin, however little of it a provider leaves beside the mask, and whatever stands around."""
    shown = Redactor([KEY])(text)
    assert KEY[-4:] not in shown
    assert KEY[:4] not in shown


@given(st.text(st.sampled_from("ab*.x \u2026'"), max_size=60))
def test_a_mask_of_something_else_stays(text: str) -> None:
    """Only what begins or ends as a secret of ours is changed."""
    assert Redactor([KEY])(text) == text


@given(st.text(min_size=4, max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_the_value_is_gone_wherever_it_stands(value: str, before: str, after: str) -> None:
    """A secret anywhere in any text is not in what is shown."""
    assume(value not in REDACTED and REDACTED not in value)
    assert value not in Redactor([value])(before + value + after).replace(REDACTED, "")


def test_other_texts_stay() -> None:
    """What holds no secret is not touched."""
    redactor = Redactor(["correct horse battery staple", "https://api.example/v1"])
    for text in ("a correct answer", "https://api.example.org/", "wait...", "50 % of x...", "%41", "***"):
        assert redactor(text) == text


def test_users_and_passwords_in_urls() -> None:
    """User and password inside a URL are never shown, known or not."""
    assert Redactor()("at http://u:p@a.example/x") == f"at http://{REDACTED}@a.example/x"


def test_later_secrets_count_too() -> None:
    """A value that is learnt later is redacted from then on."""
    redactor = Redactor(["first-secret"])
    redactor.add(["second-secret"])
    assert redactor("first-secret second-secret") == f"{REDACTED} {REDACTED}"


def test_secrets_of_long_ago_are_forgotten() -> None:
    """With all that was kept of them; what is still known, and what they have in common with it, stays hidden."""
    redactor = Redactor(["eyJhbGciOiJIUzI1NiJ9.first", "a-third-secret"])
    redactor.know_only(["eyJhbGciOiJIUzI1NiJ9.second"])
    shown = redactor("eyJhbGciOiJIUzI1NiJ9 eyJhbGciOiJIUzI1NiJ9.second a-third-secret")
    assert shown == f"{REDACTED} {REDACTED} a-third-secret"
    fresh = Redactor(["eyJhbGciOiJIUzI1NiJ9.second"])
    assert (redactor._values, redactor._windows, redactor._starts) == (fresh._values, fresh._windows, fresh._starts)


def test_a_secret_does_not_print_itself() -> None:
    """No way of printing, formatting or pickling shows it."""
    secret = Secret(KEY)
    assert KEY not in f"{secret} {secret!r} {secret:>50} {[secret]}"
    assert secret == Secret(KEY)
    assert secret != Secret("x")
    with pytest.raises(TypeError):
        pickle.dumps(secret)
