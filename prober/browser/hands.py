"""What a person does with a page, by keys and mouse: writes into fields, chooses, clicks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prober.browser.vitals import WORLD
from prober.model.errors import ErrorClass, ProbeFailure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prober.browser.record import Record
    from prober.model.browser import Tab

__all__ = ["Hands"]

# What has no box, or is disabled, cannot be clicked. What can be is brought into view first, as a person scrolls.
_PLACE = """
const place = (found) => {
  if (!found || found.getClientRects().length === 0) return null;
  found.scrollIntoView({block: "center", inline: "center", behavior: "instant"});
  const box = found.getBoundingClientRect();
  return {x: box.left + box.width / 2, y: box.top + box.height / 2};
};
"""
_FIND = (
    "(selector) => {" + _PLACE + "for (const found of document.querySelectorAll(selector)) {"
    " const at = found.matches(':disabled') ? null : place(found); if (at) return at; } return null; }"
)
_CHOOSE = """(css, xpath, names) => {
  const all = [...document.forms];
  const has = (form) => names.every((name) => form.elements.namedItem(name));
  const first = XPathResult.FIRST_ORDERED_NODE_TYPE;
  const found = css ? document.querySelector(css)
    : xpath ? document.evaluate(xpath, document, null, first, null).singleNodeValue : all.find(has);
  globalThis.form = found instanceof HTMLFormElement ? found : null;
  return globalThis.form !== null;
}"""
# Text is typed by the browser itself, so that a page's scripts see what they see of a person.
_ENTER = (
    """(selector, name, value) => {"""
    + _PLACE
    + """
  const named = name === null ? document.querySelector(selector) : globalThis.form.elements.namedItem(name);
  const all = named instanceof RadioNodeList ? [...named] : named ? [named] : [];
  const field = all.find((each) => each.type !== "radio" || each.value === value) || all[0];
  if (!field) return null;
  if (field instanceof HTMLSelectElement) {
    field.value = value;
    for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, {bubbles: true}));
    return {};
  }
  if (field.type === "checkbox" || field.type === "radio") {
    const wanted = field.type === "radio" || !["", "false", "off"].includes(value);
    return field.checked === wanted ? {} : {click: place(field)};
  }
  if (field.type === "hidden") { field.value = value; return {}; }
  if (["date", "time", "month", "week", "datetime-local", "color", "range"].includes(field.type)) {
    field.value = value;
    for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, {bubbles: true}));
    return {};
  }
  if (!place(field)) return null;
  field.focus();
  if (field.select) field.select();
  else getSelection().selectAllChildren(field);
  return {type: true};
}"""
)
_BUTTON = (
    """(names) => {"""
    + _PLACE
    + """
  const buttons = [...globalThis.form.elements].filter((each) => ["submit", "image"].includes(each.type));
  return place(buttons.find((each) => names.includes(each.name)) || buttons[0]);
}"""
)
_KEYS: Mapping[str, Mapping[str, object]] = {
    "Enter": {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"},
    "Delete": {"key": "Delete", "code": "Delete", "windowsVirtualKeyCode": 46},
}


class Hands:
    """Acts on the page of a tab. What is not there, or not to be seen, is told by False."""

    def __init__(self, tab: Tab, record: Record) -> None:
        self._tab = tab
        self._record = record

    async def click(self, selector: str) -> bool:
        """Click the first element that the selector names and that has a place on the page."""
        return await self._click(await self._call(_FIND, selector))

    async def write(self, selector: str, text: str) -> bool:
        """Write the text into the field that the selector names, in the place of what is there."""
        return await self._entered(await self._call(_ENTER, selector, None, text), text)

    async def choose_form(self, *, css: str | None, xpath: str | None, names: Iterable[str]) -> bool:
        """Choose the form that is meant from now on: a selected one, or the first that has all these fields."""
        return bool(await self._call(_CHOOSE, css, xpath, list(names)))

    async def write_field(self, name: str, value: str) -> bool:
        """Write into a field of the chosen form, or choose what it offers."""
        return await self._entered(await self._call(_ENTER, None, name, value), value)

    async def submit(self, names: Iterable[str]) -> None:
        """Send the chosen form: by the button that one of these names, else by its first, else by the enter key."""
        if await self._click(await self._call(_BUTTON, list(names))):
            return
        await self._press("Enter")

    async def _entered(self, how: Any, text: str) -> bool:
        if how is None:
            return False
        if "click" in how:
            return await self._click(how["click"])
        if "type" in how and text:
            await self._tab.ask("Input.insertText", text=text)
        elif "type" in how:
            await self._press("Delete")
        return True

    async def _press(self, key: str) -> None:
        for kind in ("keyDown", "keyUp"):
            await self._tab.ask("Input.dispatchKeyEvent", type=kind, **_KEYS[key])

    async def _click(self, at: Any) -> bool:
        if not at:
            return False
        for kind, count in (("mouseMoved", 0), ("mousePressed", 1), ("mouseReleased", 1)):
            await self._tab.ask(
                "Input.dispatchMouseEvent", type=kind, button="left" if count else "none", clickCount=count, **at
            )
        return True

    async def _call(self, function: str, *arguments: object) -> Any:
        """The value of a function in our own world of the page.

        Raises LookupError where the page is just replaced, ProbeFailure for a selector that the browser does not know.
        """
        world = self._record.worlds.get(WORLD)
        if world is None:
            raise LookupError("there is no page")
        answer = await self._tab.ask(
            "Runtime.callFunctionOn",
            functionDeclaration=function,
            uniqueContextId=world,
            arguments=[{"value": value} for value in arguments],
            returnByValue=True,
        )
        if "exceptionDetails" in answer:
            said = str(answer["exceptionDetails"].get("exception", {}).get("description", "")).partition("\n")[0][:120]
            if said.startswith("SyntaxError"):  # of a selector
                raise ProbeFailure(ErrorClass.PROBER_ERROR, said, detail="config")
            raise LookupError(said)
        return answer["result"].get("value")
