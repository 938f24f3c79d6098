"""Fault documents: what is valid comes back as it was sent, what is not is refused with every mistake."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prober.simulator import serve
from prober.simulator.errors import ERRORS, WORDS
from prober.simulator.faults import KINDS, SURFACES, FaultErrors, Faults, describe
from prober.simulator.faults.fault import Fault, client_of
from tests.simulator.company import FAST, against

if TYPE_CHECKING:
    from collections.abc import Mapping

    import aiohttp

    from prober.simulator.serve import Simulator

PROVIDERS = ("parrot", "magpie")
NUMBERS = st.integers(1, 10) | st.floats(1, 10, allow_nan=False)
TEXTS = st.text(max_size=20)
VALUES: Mapping[str, st.SearchStrategy[Any]] = {
    "probability": st.floats(0, 1) | st.sampled_from([0, 1]),
    "client": st.sampled_from(["desktop", "ios", "android"])
    | st.lists(st.sampled_from(["desktop", "ios", "android"]), min_size=1, max_size=3),
    "account": st.sampled_from(["paid", "free"]),
    "method": st.sampled_from(["GET", "POST", "DELETE"]),
    "path": TEXTS,
    "status": st.integers(200, 499),
    "body": TEXTS | st.dictionaries(TEXTS, st.integers() | TEXTS, max_size=2) | st.lists(st.none(), max_size=2),
    "headers": st.dictionaries(st.from_regex(r"\AX-[A-Za-z]{1,9}\Z"), st.from_regex(r"\A[!-~]{1,9}\Z"), max_size=2),
    "error": st.sampled_from(WORDS)
    | st.sampled_from([name for name, error in ERRORS.items() if error.error_object is not None]),
    "seconds": NUMBERS,
    "jitter": NUMBERS,
    "per": st.sampled_from(["request", "token"]),
    "retry_after": NUMBERS,
    "after": st.integers(0, 99),
    "pings": st.booleans(),
    "ping_seconds": NUMBERS,
    "size": st.integers(1, 9000),
    "shape": st.sampled_from(["bare", "openrouter", "empty_choices", "failed", "event"]),
    "how": st.sampled_from(["finish", "refusal", "prompt"]),
    "bytes": st.integers(0, 9999),
    "done": st.booleans(),
    "served": TEXTS,
    "reasoning": st.booleans(),
    "text": TEXTS,
    "tokens_per_second": NUMBERS,
    "newline": st.sampled_from(["lf", "crlf", "cr"]),
    "piece": st.integers(1, 99),
    "word": st.sampled_from(["invalid_grant", "server_error"]),
    "endpoint": st.sampled_from(["authorize", "token"]),
    "asset": st.sampled_from(["app.js", "app.css", "favicon.ico"]),
    "state": st.sampled_from(["queued", "in_progress"]),
    "code": TEXTS,
    "message": TEXTS,
    "times": NUMBERS,
    "indicator": st.sampled_from(["none", "minor", "maintenance"]),
    "description": TEXTS,
    "components": st.dictionaries(st.sampled_from(["chat", "video"]), st.sampled_from(["operational", "major_outage"])),
    "incident": st.fixed_dictionaries(
        {"name": TEXTS, "status": st.sampled_from(["identified", "resolved"])}, optional={"body": TEXTS}
    ),
}


@st.composite
def _faults(draw: st.DrawFn, surface: str) -> dict[str, Any]:
    """A fault that exists on the surface, with its required keys and some of the others."""
    kind = draw(st.sampled_from([kind for kind in KINDS.values() if surface in kind.surfaces]))
    keys = {
        field.name: VALUES[field.name]
        for field in dataclasses.fields(kind)
        if field.default is field.default_factory is dataclasses.MISSING or draw(st.booleans())
    }
    values = {name: draw(strategy) for name, strategy in keys.items()}
    if kind.name == "length" and "after" in values:
        values["after"] = int(values["after"])
    return {"fault": kind.name, **values}


@st.composite
def documents(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    """A valid fault document."""
    surfaces = draw(st.sets(st.sampled_from(SURFACES), max_size=4))
    document = {}
    for surface in sorted(surfaces):
        prefix = draw(st.sampled_from(["", "parrot/", "magpie/"]))
        document[prefix + surface] = draw(st.lists(_faults(surface), max_size=3))
    return document


def test_every_key_of_every_fault_is_tried() -> None:
    """The strategy below knows all keys, so that a new one is not forgotten."""
    assert {field.name for kind in KINDS.values() for field in dataclasses.fields(kind)} == VALUES.keys()


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(documents(), min_size=1, max_size=5))
def test_a_valid_document_comes_back_over_http(sent: list[dict[str, Any]]) -> None:
    """What was PUT is what PUT and GET answer; DELETE leaves nothing."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        url = f"{simulator.url}/-/faults"
        for document in sent:
            async with http.put(url, data=json.dumps(document)) as response:
                assert response.status == 200, await response.text()
                assert await response.json() == document
            async with http.get(url) as response:
                assert await response.json() == document
        async with http.delete(url) as response:
            assert (response.status, await response.json()) == (200, {})
        async with http.get(url) as response:
            assert await response.json() == {}

    against(visit)


@settings(max_examples=100)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | TEXTS,
        lambda inner: st.lists(inner) | st.dictionaries(TEXTS | st.sampled_from(["chat", "fault", "after"]), inner),
        max_leaves=10,
    )
)
def test_anything_else_is_refused_or_taken_whole(document: Any) -> None:
    """No document raises anything but FaultErrors, and a refused one changes nothing."""
    faults = Faults(PROVIDERS)
    faults.replace({"web": [{"fault": "blank"}]})
    try:
        faults.replace(document)
    except FaultErrors:
        assert faults.document == {"web": [{"fault": "blank"}]}
    else:
        assert faults.document == document


@pytest.mark.parametrize(
    ("document", "errors"),
    [
        ([], ["must be an object of surfaces, not a list"]),
        (None, ["must be an object of surfaces, not null"]),
        (
            {"chatt": []},
            ["chatt: unknown surface 'chatt', did you mean chat?"],
        ),
        ({"crow/chat": []}, ["crow/chat: unknown provider 'crow'; known: parrot, magpie"]),
        ({"chat": {}}, ["chat: must be a list of faults, not an object"]),
        ({"chat": [], "parrot/chat": []}, ["parrot/chat: names the same surface as 'chat'"]),
        ({"chat": [3]}, ["chat[0]: must be an object with the key 'fault', not a number"]),
        ({"chat": [{}]}, ["chat[0]: needs the key 'fault'"]),
        ({"chat": [{"fault": "stal"}]}, ["chat[0]: unknown fault 'stal', did you mean stall?"]),
        (
            {"login": [{"fault": "replay"}]},
            ["login[0]: replay does not exist on login, only on: chat"],
        ),
        (
            {"chat": [{"fault": "stall", "afer": 3}]},
            ["chat[0].afer: stall has no such key, did you mean after?"],
        ),
        (
            {"chat": [{"fault": "stall", "after": "soon"}]},
            ["chat[0].after: must be start, head, role, finish or a number of tokens, not 'soon'"],
        ),
        ({"chat": [{"fault": "stall", "after": -1}]}, ["chat[0].after: must be from 0 to 1000000, not -1"]),
        ({"chat": [{"fault": "stall", "after": True}]}, ["chat[0].after: must be a whole number, not true"]),
        ({"chat": [{"fault": "truncate", "after": "start"}]}, None),
        ({"chat": [{"fault": "status"}]}, ["chat[0].status: is required"]),
        ({"chat": [{"fault": "status", "status": 99}]}, ["chat[0].status: must be from 200 to 599, not 99"]),
        ({"chat": [{"fault": "status", "status": 200, "body": 3}]}, None),
        (
            {"chat": [{"fault": "status", "status": 200, "headers": {"Content-Length": "3"}}]},
            ["chat[0].headers: has a header that cannot be sent: 'Content-Length'"],
        ),
        (
            {"chat": [{"fault": "status", "status": 200, "headers": {"X-A": "a\r\nX-B: b"}}]},
            ["chat[0].headers: has a header value that cannot be sent: 'a\\r\\nX-B: b'"],
        ),
        ({"chat": [{"fault": "latency", "seconds": "1s"}]}, ["chat[0].seconds: must be a number, not '1s'"]),
        (
            {"chat": [{"fault": "latency", "seconds": 1e9}]},
            ["chat[0].seconds: must be from 0 to 3600, not 1000000000.0"],
        ),
        ({"chat": [{"fault": "empty", "probability": 2}]}, ["chat[0].probability: must be from 0 to 1, not 2"]),
        ({"chat": [{"fault": "empty", "client": []}]}, ["chat[0].client: must name at least one"]),
        (
            {"chat": [{"fault": "empty", "client": ["ios", "tv"]}]},
            ["chat[0].client: must be one of desktop, ios, android, not 'tv'"],
        ),
        (
            {"chat": [{"fault": "wrong_answer", "text": "x" * 10_001}]},
            ["chat[0].text: must be at most 10000 characters long"],
        ),
        (
            {"chat": [{"fault": "wrong_answer", "text": "\ud800"}]},
            ["chat[0].text: must not hold half of a surrogate pair"],
        ),
        ({"chat": [{"fault": "wrong_model", "served": 3}]}, ["chat[0].served: must be a text, not 3"]),
        (
            {"chat": [{"fault": "status", "status": 200, "headers": []}]},
            ["chat[0].headers: must be an object, not []"],
        ),
        ({"status_page": [{"fault": "declare", "incident": 3}]}, ["status_page[0].incident: must be an object, not 3"]),
        ({"chat": [{"fault": "stall", "pings": "yes"}]}, ["chat[0].pings: must be true or false, not 'yes'"]),
        (
            {"status_page": [{"fault": "declare", "incident": {"nam": "x", "status": "identified"}}]},
            ["status_page[0].incident: has no key 'nam'; needs the key 'name'"],
        ),
        (
            {"status_page": [{"fault": "declare", "components": {"session": "operational"}}]},
            None,
        ),
        (
            {"chat": [{"fault": "stall", "after": "x"}, {"fault": "nope"}], "webb": 3},
            [
                "chat[0].after: must be start, head, role, finish or a number of tokens, not 'x'",
                None,
                "webb: unknown surface 'webb', did you mean web?",
                "webb: must be a list of faults, not a number",
            ],
        ),
    ],
    ids=lambda value: json.dumps(value)[:60] if not isinstance(value, list) or not value else "",
)
def test_mistakes_are_said_all_at_once(document: object, errors: list[str | None] | None) -> None:
    """400 with the path and the reason of every mistake, and no fault is set."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        async with http.put(f"{simulator.url}/-/faults", data=json.dumps(document)) as response:
            assert response.status == 400
            answer = await response.json()
        assert simulator.faults.document == {}
        found = [f"{error['path']}: {error['message']}".removeprefix(": ") for error in answer["errors"]]
        if errors is None:
            assert len(found) == 1
        else:
            assert len(found) == len(errors)
            assert all(expected in (None, message) for expected, message in zip(errors, found, strict=True))

    against(visit)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{", "is not JSON"),
        (b'{"chat": [], "chat": []}', "comes twice"),
        (b'{"chat": [{"fault": "latency", "seconds": NaN}]}', "NaN is no number"),
        (b"[" * 100_000, "is not JSON"),
        (b"\xff", "is not JSON"),
    ],
    ids=["cut", "twice", "nan", "deep", "bytes"],
)
def test_what_is_no_json_is_refused(body: bytes, message: str) -> None:
    """400 with one error."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        async with http.put(f"{simulator.url}/-/faults", data=body) as response:
            assert response.status == 400
            (error,) = (await response.json())["errors"]
            assert message in error["message"]

    against(visit)


def test_an_update_leaves_the_other_surfaces() -> None:
    """A scenario's step names what changes; an empty list clears a surface, under either of its names."""
    faults = Faults(PROVIDERS)
    faults.replace({"chat": [{"fault": "empty"}], "web": [{"fault": "blank"}]})
    faults.update({"parrot/chat": [{"fault": "replay"}], "login": [{"fault": "oops"}]})
    assert faults.document == {
        "web": [{"fault": "blank"}],
        "parrot/chat": [{"fault": "replay"}],
        "login": [{"fault": "oops"}],
    }
    faults.update({"chat": [], "login": []})
    assert faults.document == {"web": [{"fault": "blank"}]}


def test_a_surface_is_named_by_a_text() -> None:
    """YAML has other keys than JSON."""
    with pytest.raises(FaultErrors, match="3: must be the name of a surface"):
        Faults(PROVIDERS).update({3: []})


def test_the_document_cannot_be_changed_from_outside() -> None:
    """Neither through what was given nor through what was returned."""
    faults = Faults(PROVIDERS)
    given_: dict[str, list[dict[str, object]]] = {"chat": [{"fault": "stall"}]}
    faults.replace(given_)
    given_["chat"][0]["fault"] = "nonsense"
    faults.document["chat"] = []
    assert faults.document == {"chat": [{"fault": "stall"}]}


@pytest.mark.parametrize(
    ("agent", "client"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)", "ios"),
        ("Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X)", "ios"),
        ("prober/0.1 (ios)", "ios"),
        ("Mozilla/5.0 (Linux; Android 15; Pixel 9)", "android"),
        ("Mozilla/5.0 (X11; Linux x86_64)", "desktop"),
        ("axios/1.7.2", "desktop"),
        ("", "desktop"),
    ],
)
def test_the_client_is_told_by_its_user_agent(agent: str, client: str) -> None:
    """Whatever is no phone is a desktop."""
    assert client_of(agent) == client


def test_every_fault_is_described() -> None:
    """The documentation has a sentence for every fault and every key."""
    described = list(describe())
    assert [name for name, *_ in described] == sorted(KINDS)
    for name, sentence, surfaces, keys in described:
        assert sentence.endswith(".")
        assert surfaces
        assert all(keys.values()), name
    assert all(field.metadata["doc"] for field in dataclasses.fields(Fault))


def test_two_simulators_have_their_own_faults() -> None:
    """Nothing is kept in a module."""

    async def main() -> None:
        async with serve.running(FAST) as one, serve.running(FAST) as other:
            one.faults.replace({"web": [{"fault": "blank"}]})
            assert other.faults.document == {}

    asyncio.run(main())
