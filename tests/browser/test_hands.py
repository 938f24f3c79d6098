"""Hands on a page: what the page's own scripts see of them is what they see of a person."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from prober.browser.hands import Hands
from prober.browser.host import HostBrowser
from prober.browser.load import Load
from prober.browser.prepare import prepare
from prober.browser.wish import Wish
from prober.model.errors import ErrorClass, ProbeFailure
from tests.browser.lab import ENVIRONMENT
from tests.probes.site import html, serving

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

PAGE = """
<style>body { margin: 0 } .far { margin-top: 3000px }</style>
<form id=f action=/sent>
  <input name=user value=old oninput="this.dataset.seen = event.isTrusted">
  <input name=pin type=password>
  <input name=age type=number value=1>
  <input name=day type=date>
  <input name=agree type=checkbox>
  <input name=news type=checkbox checked>
  <label><input name=size type=radio value=s></label><label><input name=size type=radio value=l></label>
  <select name=colour><option>red<option>blue</select>
  <textarea name=text>old</textarea>
  <input name=secret type=hidden value=x>
  <input name=unseen style="display: none">
  <button name=other>Other</button><button name=go>Go</button>
</form>
<form id=plain action=/plain><input name=q></form>
<div id=edit contenteditable>old text</div>
<button id=count onclick="this.textContent = 'clicked ' + event.isTrusted">Click</button>
<button id=gone hidden>Gone</button>
<p class=far><button id=below onclick="this.textContent = 'reached'">Below</button></p>
"""


def on_page(visit: Callable[[Hands, Callable[[str], Awaitable[Any]]], Awaitable[Any]], page: str = PAGE) -> Any:
    """What the visit returns, which is given hands and a way to look at a value on the page."""

    async def main() -> Any:
        async with serving({"/": html(page)}) as site, HostBrowser(ENVIRONMENT) as browser:
            tab = await browser.tab(seconds=20)
            record = await prepare(tab, Wish(origin=site.url))
            load = Load(tab, record, most_bytes=1 << 20)
            await load.navigate(f"{site.url}/")

            async def look(expression: str) -> Any:
                answer = await tab.ask("Runtime.evaluate", expression=expression, returnByValue=True)
                return answer["result"].get("value")

            found = await visit(Hands(tab, record), look)
            await load.calm(seconds=0.05)
            await tab.close()
            return found, [path for path in site.paths if path != "/"]

    return asyncio.run(main())


FIELDS = {
    "text": ("user", "me@x", "f.user.value", "me@x"),
    "empty": ("user", "", "f.user.value", ""),
    "as typed": ("user", "me", "f.user.dataset.seen", "true"),
    "password": ("pin", "s3cret", "f.pin.value", "s3cret"),
    "number": ("age", "42", "f.age.value", "42"),
    "date": ("day", "2026-11-22", "f.day.value", "2026-11-22"),
    "checked": ("agree", "on", "f.agree.checked", True),
    "checked already": ("news", "on", "f.news.checked", True),
    "not checked": ("news", "off", "f.news.checked", False),
    "radio": ("size", "l", "f.size.value", "l"),
    "select": ("colour", "blue", "f.colour.value", "blue"),
    "textarea": ("text", "two\nlines", "f.text.value", "two\nlines"),
    "hidden": ("secret", "y", "f.secret.value", "y"),
}


def test_fields_are_filled_in() -> None:
    """Every kind of field, in the place of what it held."""

    async def visit(hands: Hands, look: Callable[[str], Awaitable[Any]]) -> dict[str, Any]:
        seen = {}
        assert await hands.choose_form(css="#f", xpath=None, names=[])
        for label, (name, value, expression, _) in FIELDS.items():
            assert await hands.write_field(name, value), label
            seen[label] = await look(expression)
        return seen

    seen, _ = on_page(visit)
    assert seen == {label: expected for label, (*_, expected) in FIELDS.items()}


def test_what_is_not_there_or_not_seen_is_told() -> None:
    """Nobody can write into a field that is not shown, or click what has no place."""

    async def visit(hands: Hands, _: object) -> list[bool]:
        assert await hands.choose_form(css="#f", xpath=None, names=[])
        return [
            await hands.write_field("unseen", "x"),
            await hands.write_field("nothing", "x"),
            await hands.write("#nothing", "x"),
            await hands.click("#gone"),
            await hands.click("#nothing"),
            await hands.choose_form(css="#nothing", xpath=None, names=[]),
            await hands.choose_form(css="#edit", xpath=None, names=[]),
            await hands.choose_form(css=None, xpath="//table", names=[]),
            await hands.choose_form(css=None, xpath=None, names=["user", "nothing"]),
        ]

    assert on_page(visit)[0] == [False] * 9


def test_a_click_is_a_mouse_s() -> None:
    """A page sees a trusted event, and what is out of view is brought into it."""

    async def visit(hands: Hands, look: Callable[[str], Awaitable[Any]]) -> list[Any]:
        assert await hands.click("#count")
        assert await hands.click("#below")
        return [await look("count.textContent"), await look("below.textContent")]

    assert on_page(visit)[0] == ["clicked true", "reached"]


def test_editable_text_is_replaced() -> None:
    """As the field of a chat that is no form's."""

    async def visit(hands: Hands, look: Callable[[str], Awaitable[Any]]) -> Any:
        assert await hands.write("#edit", "Say it back")
        return await look("edit.textContent")

    assert on_page(visit)[0] == "Say it back"


@pytest.mark.parametrize(
    ("css", "xpath", "names", "buttons", "sent"),
    [
        ("#f", None, [], [], "other="),
        ("#f", None, [], ["go"], "go="),
        (None, "//form[@id='f']", [], ["go"], "go="),
        (None, None, ["q"], [], "/plain?q="),
    ],
)
def test_a_form_is_sent_by_its_button_or_by_the_enter_key(
    css: str | None, xpath: str | None, names: list[str], buttons: list[str], sent: str
) -> None:
    """The button that is named, else the first; a form without one is sent from its field."""

    async def visit(hands: Hands, _: object) -> None:
        assert await hands.choose_form(css=css, xpath=xpath, names=names)
        for name in names:
            assert await hands.write_field(name, "x")
        await hands.submit(buttons)
        await asyncio.sleep(0.2)

    _, paths = on_page(visit)
    assert len(paths) == 1
    assert sent in paths[0]


def test_a_page_without_a_document_has_no_fields() -> None:
    """As while it is replaced by another."""

    async def visit(hands: Hands, _: object) -> None:
        hands._record.worlds.clear()
        with pytest.raises(LookupError, match="no page"):
            await hands.click("#count")

    on_page(visit)


def test_a_selector_that_is_none_is_told() -> None:
    """The page's engine knows it best. It is a mistake of the configuration, and no change of the page."""

    async def visit(hands: Hands, _: object) -> None:
        with pytest.raises(ProbeFailure, match="not a valid selector") as raised:
            await hands.click("#[")
        assert raised.value.error_class is ErrorClass.PROBER_ERROR

    on_page(visit)
