"""When a person saw something of a page: paints and layout shifts, as the page's own performance timeline has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prober.browser.record import Record
    from prober.model.browser import Tab

__all__ = ["OBSERVER", "SHOWS", "WORLD", "Vitals", "read_vitals"]

WORLD = "prober"
"""The world that our scripts live in: they see the page, and the page does not see them."""

# Layout shifts are summed over the worst session window: gaps of less than 1 s, at most 5 s long (web.dev/cls).
OBSERVER = """
(() => {
  const vitals = globalThis.vitals = {fcp: null, lcp: null, cls: 0};
  let sum = 0, first = 0, last = 0;
  const observe = (type, see) => {
    try { new PerformanceObserver((list) => list.getEntries().forEach(see)).observe({type, buffered: true}); }
    catch (unknown) {}
  };
  observe("paint", (entry) => { if (entry.name === "first-contentful-paint") vitals.fcp = entry.startTime; });
  observe("largest-contentful-paint", (entry) => { vitals.lcp = entry.startTime; });
  observe("layout-shift", (entry) => {
    if (entry.hadRecentInput) return;
    const same = sum > 0 && entry.startTime - last < 1000 && entry.startTime - first < 5000;
    if (!same) { sum = 0; first = entry.startTime; }
    sum += entry.value;
    last = entry.startTime;
    vitals.cls = Math.max(vitals.cls, sum);
  });
})();
"""
"""The script that observes a document from its begin, in :data:`WORLD`."""

# What begins transparent and fades in to stay is never a first paint to the browser, nor is what a frame shows. What
# stands there is under the point where it stands, unless it is clipped, covered or out of sight.
SHOWS = """
() => {
  const shows = (found, box) => box.width > 1 && box.height > 1
    && found.checkVisibility({opacityProperty: true, visibilityProperty: true})
    && found.contains(document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2));
  const texts = document.createTreeWalker(document, NodeFilter.SHOW_TEXT), range = document.createRange();
  for (let count = 0; count < 5000 && texts.nextNode(); count++) {
    const text = texts.currentNode;
    if (!text.data.trim() || !text.parentElement) continue;
    range.selectNodeContents(text);
    if (shows(text.parentElement, range.getBoundingClientRect())) return true;
  }
  return [...document.querySelectorAll("iframe, frame")].some((found) => shows(found, found.getBoundingClientRect()));
}
"""
"""A function: whether the page shows a text or a frame, though the browser knows of no paint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """Seconds since the navigation began, None for what did not happen; the score of layout shifts."""

    fcp_seconds: float | None
    lcp_seconds: float | None
    layout_shift: float | None


async def read_vitals(tab: Tab, record: Record) -> Vitals:
    """The vitals of the document that is there now. Raises LookupError where it has just been replaced."""
    world = record.worlds.get(WORLD)
    if world is None:
        return Vitals(fcp_seconds=None, lcp_seconds=None, layout_shift=None)
    answer = await tab.ask(
        "Runtime.evaluate", expression="globalThis.vitals", uniqueContextId=world, returnByValue=True
    )
    seen = answer["result"].get("value") or {}
    return Vitals(
        fcp_seconds=_seconds(seen.get("fcp")),
        lcp_seconds=_seconds(seen.get("lcp")),
        layout_shift=_number(seen.get("cls")),
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _seconds(milliseconds: object) -> float | None:
    number = _number(milliseconds)
    return None if number is None else number / 1000
