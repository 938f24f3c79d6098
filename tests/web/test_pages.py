"""The pages for people."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from prober.model.errors import ErrorClass
from prober.model.run import Measure, Phase, Step
from prober.sinks.incident import RESTARTED, Entry, Incident
from prober.web.stories import story
from tests.sinks.makers import MINUTE, NOON, SECOND, failed, ok, probe
from tests.web.browser import Reply, fetch
from tests.web.world import World, realistic

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{7*7}}</style></svg>"
PAGES = (
    "/",
    "/incidents",
    "/probes/openai-chat-gpt-6-luna",
    "/probes/chatgpt-sign-in",
    "/probes/groq-chat",
    "/probes/imagen",
)


@pytest.fixture(scope="module")
def world() -> World:
    """Three providers, with everything that can be wrong."""
    return realistic()


def test_the_status_page_says_what_is_wrong_first(world: World) -> None:
    """Verdict, services in order of need, the reason below the failing probe, disabled ones at the bottom."""
    reply = fetch(world, "/")
    assert reply.status == 200
    assert reply.words("h1") == ["3 of 8 services are in trouble"]
    assert reply.words(".verdict .lines li") == [
        "sora at openai: outage since 12:49 UTC",
        "chatgpt at openai: partial outage since 12:52 UTC",
        "api at openai: degraded since 12:51 UTC",
        "1 probe is blind: our own key or password is refused (gemini-chat)",
    ]
    assert reply.words(".chip") == ["2 down", "1 degraded", "2 unknown", "8 up", "2 disabled"]
    assert reply.words(".card h3")[:3] == ["sora", "chatgpt", "api"]
    (first,) = reply.words(".row.down .why.fail")[:1]
    assert first.startswith("overloaded the service said it has no capacity phase processing fault target (theirs)")
    assert "That model is currently overloaded" in first
    assert reply.words("#disabled li")[0] == "groq-chat chat · api at groq GROQ_API_KEY is not set"


def test_a_configuration_that_does_not_load_is_told() -> None:
    """Every mistake of it, as text, while the old one goes on; and nothing where all is well."""
    world = World(
        (probe(),), problem="probes.yaml:3:5: probes[0].kind: <b>unknown</b>\nprobes.yaml:9:1: b: unknown key"
    )
    reply = fetch(world, "/")
    lines = reply.words(".problem .lines li")
    assert lines == ["probes.yaml:3:5: probes[0].kind: <b>unknown</b>", "probes.yaml:9:1: b: unknown key"]
    assert fetch(World((probe(),)), "/").words(".problem") == []


def test_a_blind_probe_is_grey(world: World) -> None:
    """It carries neither the class of what is up nor of what is down, and says whose fault it is."""
    (row,) = [row for row in fetch(world, "/").page().cssselect(".row") if "gemini-chat" in row.text_content()]
    assert row.get("class") == "row unknown"
    assert "unknown, blind since" in row.text_content()
    assert row.cssselect(".why.blind")
    assert not row.cssselect(".why.fail")


def test_a_row_tells_the_numbers(world: World) -> None:
    """Duration, first token for a chat, availability over the runs kept, last run, next run."""
    (row,) = [row for row in fetch(world, "/").page().cssselect(".row") if "anthropic-chat" in row.text_content()]
    said = " ".join(" ".join(row.cssselect("dl")[0].itertext()).split())
    assert re.fullmatch(r"took \d+ ms first token \d+ ms available 100 % last run \d+ s ago next in \d+ s", said)
    assert row.cssselect("svg.strip")[0].get("aria-label") == "last 40 runs: 40 ok"


def test_the_detail_page_tells_the_last_run(world: World) -> None:
    """Steps and phases as bars with their times, measures with units, failures with request ids, the runs."""
    reply = fetch(world, "/probes/chatgpt-sign-in")
    assert reply.words("h1") == ["chatgpt-sign-in"]
    assert [words.split()[0] for words in reply.words("[aria-label=Steps] .part")] == ["page", "submit", "whoami"]
    assert reply.words("[aria-label=Phases] .part")[-1].endswith("failed here")
    assert len(reply.words(".pad .why.fail")) == 1 + 7
    assert all("req_" in words for words in reply.words(".pad .why.fail"))
    assert len(reply.page().cssselect(".chart rect.fail")) == 7
    assert [words.split()[1] for words in reply.words("table.runs tbody tr")][:4] == ["fail", "fail", "fail", "fail"]
    chat = fetch(world, "/probes/openai-chat-gpt-6-luna")
    assert "served model gpt-6-luna-2026-08-01" in chat.words(".facts-grid div")
    assert "cost 0.0000151" in chat.words(".facts-grid div")
    assert "first token" in " ".join(chat.words("[aria-label=Phases] .part"))
    assert any(words.startswith("available, last 60 runs") for words in chat.words(".facts-grid div"))
    assert chat.page().cssselect(".chart rect.mark")


def test_the_incidents_page_tells_the_stories(world: World) -> None:
    """Open ones first; which probe, when, which class."""
    reply = fetch(world, "/incidents")
    assert reply.words("h1") == ["3 incidents now"]
    assert reply.words(".card h2")[:1] == ["chatgpt at openai"]
    assert (
        reply.words(".story")[0]
        == "12:52 first failure 12:53 chatgpt-sign-in is down server_error / sign_in_error · service partial"
    )
    assert reply.words(".badge")[-1] == "over"


def test_without_incidents_there_is_a_kind_word() -> None:
    """An empty page says why it is empty."""
    reply = fetch(World(), "/incidents")
    assert reply.words("h1") == ["No incident now"]
    assert reply.words(".nothing p") == ["No service has been in trouble since this prober began to look."]


def test_a_long_incident_says_what_it_leaves_out() -> None:
    """The cut is told, and so are its flaps and its end by a reload."""
    one = probe(down_after=1, up_after=1)
    world = World((one,))
    for _ in range(50):
        world.record(one, failed(at_ns=world.watch.forward(MINUTE)))
        world.record(one, ok(at_ns=world.watch.forward(MINUTE)))
    world.record(one, failed(at_ns=world.watch.forward(MINUTE)))
    world.configure()
    said = " ".join(fetch(world, "/incidents").words(".card"))
    assert "lines in between are not kept" in said
    assert "came back" in said
    assert "no longer probed" in said


def test_a_restart_is_a_line_of_its_own() -> None:
    """What was before it was not seen by this prober, and is not retold as if it was."""
    line = Entry(at_ns=NOON, detail=RESTARTED)
    incident = Incident(provider="p", service="s", began_at_ns=NOON, opened_at_ns=NOON, timeline=(line,))
    told = story(incident, NOON + MINUTE).lines
    assert [(each.text, each.probe, each.why) for each in told] == [("prober was started again", None, "")]


@pytest.mark.parametrize("path", [*PAGES, "/probes/nobody", "/nowhere"])
def test_a_page_needs_nothing_from_elsewhere(world: World, path: str) -> None:
    """It works offline: no address of another host, and a policy that would not allow one."""
    reply = fetch(world, path, headers={"Accept": "text/html"})
    for element in reply.page().iter():
        for name in ("href", "src", "action", "srcset", "data"):
            assert not re.match(r"(https?:)?//", element.get(name, "")), element.get(name)
    assert "url(" not in reply.text
    assert "@import" not in reply.text
    policy = reply.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert (reply.headers["X-Content-Type-Options"], reply.headers["X-Frame-Options"]) == ("nosniff", "DENY")
    assert reply.headers["Server"] == "prober"


@pytest.mark.parametrize("path", PAGES)
def test_the_policy_allows_exactly_what_the_page_carries(world: World, path: str) -> None:
    """The hash of every inline style and script is in the policy, and nothing is inline anywhere else."""
    reply = fetch(world, path)
    policy = reply.headers["Content-Security-Policy"]
    for tag in ("style", "script"):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", reply.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    for element in reply.page().iter(etree.Element):
        assert not [name for name in element.attrib if name == "style" or name.startswith("on")]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_can_be_read_without_eyes(world: World, path: str) -> None:
    """Every picture is named or hidden, ids are unique, every symbol exists, headings begin with one h1."""
    page = fetch(world, path).page()
    ids = [element.get("id") for element in page.cssselect("[id]")]
    assert len(ids) == len(set(ids))
    for picture in page.cssselect("svg"):
        assert picture.get("aria-hidden") == "true" or picture.get("aria-label")
    assert {str(use.get("href")).removeprefix("#") for use in page.cssselect("use")} <= set(ids)
    assert len(page.cssselect("h1")) == 1
    assert page.get("lang") == "en"
    anchors = [str(link.get("href")) for link in page.cssselect("main a[href^='#']")]
    assert {anchor.removeprefix("#") for anchor in anchors} <= set(ids)


def hostile() -> World:
    """A world in which every text that can be chosen by somebody else, or by a careless config, is an attack."""
    one = probe("hostile", of="chat", provider=HOSTILE, service=HOSTILE)
    off = probe("off", provider=HOSTILE, service=HOSTILE, disabled=HOSTILE)
    world = World((one, off), location=HOSTILE)
    world.config = HOSTILE
    for _ in range(2):
        world.record(
            one,
            failed(
                "hostile",
                ErrorClass.CONTENT_MISMATCH,
                at_ns=world.watch.forward(MINUTE),
                message=HOSTILE,
                request_id=HOSTILE,
                phase=HOSTILE,
                measures={"served_model": HOSTILE, HOSTILE: HOSTILE},
                phases=(Phase(name=HOSTILE, offset_ns=0, duration_ns=SECOND, finished=True),),
                steps=(Step(name=HOSTILE, result=HOSTILE, duration_ns=SECOND),),
            ),
        )
    return world


@pytest.mark.parametrize(
    "message", ["HTTP 500: no", "HTTP 500: no (request req-a17)"], ids=["beside", "in-the-message"]
)
def test_a_request_id_stands_once(message: str) -> None:
    """As a fact of its own only where the message does not name it."""
    one = probe(of="chat")
    world = World((one,))
    world.record(one, failed(message=message, request_id="req-a17"))
    assert fetch(world, "/").page().text_content().count("req-a17") == 1


@pytest.mark.parametrize("path", ["/", "/probes/hostile", "/probes/off", "/incidents", "/probes/%3Cscript%3E"])
def test_hostile_texts_stay_texts(path: str) -> None:
    """A message with markup is shown as it is, and nothing of it becomes markup."""
    reply = fetch(hostile(), path)
    page = reply.page()
    assert len(page.cssselect("script")) == 1 - (reply.status == 404)
    assert len(page.cssselect("style")) == 1
    assert not page.cssselect("img")
    assert "<script>alert" not in reply.text
    if path == "/":
        assert HOSTILE in page.text_content()


def test_a_lone_surrogate_does_not_break_a_page() -> None:
    """Text from a broken server may hold half a character."""
    one = probe()
    world = World((one,))
    world.record(one, failed(message="half \udc80 a character"))
    assert "half ? a character" in fetch(world, "/").text


def test_pages_are_compressed_on_demand(world: World) -> None:
    """With gzip the page is a fraction; caches are told."""
    plain = fetch(world, "/", headers={"Accept-Encoding": "identity"})
    packed = fetch(world, "/", headers={"Accept-Encoding": "gzip"}, decompress=False)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert len(packed.body) < len(plain.body) / 3


def test_a_head_request_has_no_body(world: World) -> None:
    """The headers are those of the page."""
    head, page = fetch(world, "/", method="HEAD"), fetch(world, "/", headers={"Accept-Encoding": "gzip, deflate"})
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Type"] == page.headers["Content-Type"] == "text/html; charset=utf-8"


def test_an_unknown_probe_is_not_found(world: World) -> None:
    """The page says so, and leads back."""
    reply = fetch(world, "/probes/nobody")
    assert (reply.status, reply.words("h1")) == (404, ["There is no such probe"])
    assert reply.page().cssselect("main a")[0].get("href") == "/"


def test_the_page_of_a_disabled_probe_says_why() -> None:
    """No runs, no chart, the reason, once."""
    one = probe(disabled="KEY is not set")
    world = World((one,))
    world.skip(one, "disabled")
    reply = fetch(world, f"/probes/{one.name}")
    assert reply.words(".pad") == ["KEY is not set"]
    assert "every 1m" in reply.words(".facts-grid div")
    assert not reply.page().cssselect(".chart")


def test_a_skipped_run_is_told() -> None:
    """On the status page and on the probe's own."""
    one = probe()
    world = World((one,))
    world.record(one, ok(at_ns=NOON))
    world.skip(one, "budget")
    assert fetch(world, "/").words(".why.skipped") == ["skipped its budget for today is spent"]
    assert any("its budget for today is spent" in words for words in fetch(world, "/probes/chat-probe").words(".pad"))


def test_the_page_renews_itself_without_a_script_too(world: World) -> None:
    """Where scripts are off the browser reloads; where they are on it fetches."""
    text = fetch(world, "/").text
    assert '<noscript><meta http-equiv="refresh" content="15"></noscript>' in text
    assert "DOMParser" in text


def test_the_favicon_follows_the_verdict(world: World) -> None:
    """A tab in the background shows that something is wrong."""

    def icon(reply: Reply) -> str:
        return str(reply.page().cssselect("link[rel=icon]")[0].get("href"))

    well = World((probe(),))
    well.record(probe(), ok())
    icons = {icon(fetch(each, "/")) for each in (world, well, World())}
    assert len(icons) == 3
    assert all(each.startswith("data:image/svg+xml,") for each in icons)


def test_the_style_has_both_schemes() -> None:
    """Every colour that the light scheme names the dark one names too, but for the shades that serve both."""
    style = (Path(__file__).parents[2] / "prober/web/templates/style.css").read_text()
    light, dark = (set(re.findall(r"(--[\w-]+):", block)) for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL))
    assert light == dark
    assert set(re.findall(r"var\((--[\w-]+)\)", style)) - light == {"--tone", "--tone-bg"}


def test_the_detail_page_says_what_the_probe_is() -> None:
    """Its info and labels are facts, and every measure has its unit."""
    one = replace(probe(of="chat"), info={"protocol": "openai-chat", "engine": ""}, labels={"team": "ai"})
    world = World((one,))
    measures: dict[str, Measure] = {
        "ready": True,
        "dns_seconds": 0.25,
        "tls": None,
        "odd_seconds": float("nan"),
        "bytes": 345,
    }
    world.record(one, ok(measures=measures, request_id="req_7"))
    facts = fetch(world, "/probes/chat-probe").words(".facts-grid div")
    assert {"protocol openai-chat", "team ai", "ready true", "dns 250 ms", "bytes 345"} <= set(facts)
    assert {"odd seconds –", "request id req_7"} <= set(facts)
    assert not [fact for fact in facts if fact.startswith(("engine", "tls"))]
