"""All mistakes in the settings of a real kind are told at once, each at its own place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.config import ConfigErrors, load
from prober.probes import KINDS

if TYPE_CHECKING:
    from pathlib import Path

AUTH = "{oauth2: {token_url: 'http://x', grant: password}}"

MISTAKES = {
    "chat": (
        f"""kind: chat, model: m, interval: 1ms, max_tokens: 0, prompt: '{{{{x}}}}', protocol: foo, auth: {AUTH},
        endpoint: 'http://x/v1?a=b', rate_limit_headers: {{left: x}}, redirects: {{max: 99}},
        price: {{input_per_million: -1, output_per_million: -1}}, budget: {{cost_per_day: 0, tokens_per_day: 0}},
        tls: {{insecure: "", client_key_file: /nowhere/a, ca_file: /nowhere/b}}""",
        """interval max_tokens prompt protocol auth.oauth2.user auth.oauth2.password endpoint rate_limit_headers.left
        redirects.max price.input_per_million price.output_per_million budget.cost_per_day budget.tokens_per_day
        tls.insecure tls.client_key_file tls.client_key_file tls.ca_file""",
    ),
    "what the catalogue lacks": ("kind: chat, model: m, interval: 1ms", "provider interval"),
    "a question inside": (
        """kind: journey, steps: [{name: a, get: 'http://x'}], finally: [{name: b, chat: {model: m,
        prompt: '{{nonce}} {{now}}', endpoint: 'http://{{nonce}}/v1', protocol: openai-chat, max_tokens: 0}}]""",
        "finally[0].chat.max_tokens",
    ),
    "variables where there are none": ("kind: http, url: 'http://{{base}}/', body: a, json: {}", "url"),
    "http": ("kind: http, url: 'http://x', body: a, json: {}, slow: {totl: 1s}", "json slow.totl"),
    "headers": (
        'kind: page, url: "http://x", headers: {"a:b": c, "é": v, X-Ok: "b\\nc", "": d}',
        'headers["a:b"] headers["é"] headers.X-Ok headers',
    ),
    "headers of a step": (
        'kind: journey, headers: {"a:b": c}, steps: [{name: a, get: "http://x", headers: {"c:d": e}}]',
        'steps[0].headers["c:d"]',
    ),
    "headers of a question": (
        'kind: chat, model: m, provider: p, protocol: openai-chat, endpoint: "http://x", headers: {"a:b": c}',
        'headers["a:b"]',
    ),
    "login": (
        "kind: login, steps: [{name: a, get: '{{b}}'}], variables: {'a b': c}",
        'steps steps[0] variables["a b"]',
    ),
    "reasons": (
        """kind: journey, steps: [{name: a, get: 'http://x'}], reasons: [5,
        {class: server_eror, detail: [], whn: {}}, {class: {a: b}, detail: oops, when: 5}]""",
        """reasons[0] reasons[1].when reasons[1].class reasons[1].detail reasons[1].whn reasons[2].class
        reasons[2].detail reasons[2].when""",
    ),
}


@pytest.mark.parametrize(("settings", "places"), MISTAKES.values(), ids=MISTAKES)
def test_every_mistake_is_told(tmp_path: Path, settings: str, places: str) -> None:
    """One mistake hides no other, and is never a traceback."""
    path = tmp_path / "probes.yaml"
    path.write_text(f"version: 1\nprobes:\n  - {{name: a, {settings}}}\n")
    with pytest.raises(ConfigErrors) as raised:
        load(path, kinds=KINDS, env={})
    assert [error.path.removeprefix("probes[0].") for error in raised.value.errors] == [
        place.replace("~", " ") for place in places.replace("a b", "a~b").split()
    ]


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("{class: server_eror, when: {status: 200}}", '"server_eror" is no error class, did you mean server_error?'),
        ("{detail: sign_in_eror, when: {status: 200}}", '"sign_in_eror" is no detail, did you mean sign_in_error?'),
        ("{wen: {status: 200}}", "unknown key, did you mean when?"),
    ],
)
def test_a_reason_that_is_nearly_one(tmp_path: Path, reason: str, said: str) -> None:
    """The class, the detail or the key that was probably meant is named."""
    path = tmp_path / "probes.yaml"
    steps = "[{name: a, get: 'http://x'}]"
    path.write_text(f"version: 1\nprobes:\n  - {{name: a, kind: journey, steps: {steps}, reasons: [{reason}]}}\n")
    with pytest.raises(ConfigErrors) as raised:
        load(path, kinds=KINDS, env={})
    assert said in str(raised.value)
