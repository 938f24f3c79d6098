"""What a page looked like when it failed, without secrets and within bounds."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING

from prober.model.browser import Capture
from prober.model.errors import ProbeFailure

if TYPE_CHECKING:
    from prober.browser.load import Load
    from prober.model.browser import Tab
    from prober.model.secret import Redactor

__all__ = ["capture"]

_MOST_HTML = 256 << 10  # characters
_MOST_SCREENSHOT = 512 << 10  # bytes
_QUALITY = 50
# All that the picture would show: frames and what scripts wrote into fields as well. What is typed into a password's
# field is not to be seen.
_TEXT = """(() => {
  const texts = [];
  const read = (root) => {
    texts.push(root.documentElement ? root.documentElement.innerText : root.textContent);
    for (const found of root.querySelectorAll("*")) {
      if (found.shadowRoot) read(found.shadowRoot);
      if (found.contentDocument) read(found.contentDocument);
      if (found.matches("input:not([type=password]), textarea")) texts.push(found.value);
    }
  };
  read(document);
  return texts.join("\\n");
})()"""


async def capture(tab: Tab, load: Load, redactor: Redactor, *, seconds: float) -> Capture | None:
    """Screenshot and HTML, as far as there is time for them.

    Of a picture nothing can be taken out. So there is none where a secret is in the page's text or markup.
    """
    html, screenshot = None, None
    try:
        async with asyncio.timeout(seconds):
            raw = await load.html()
            seen = await tab.ask("Runtime.evaluate", expression=_TEXT, returnByValue=True)
            text = str(seen["result"].get("value") or "")
            html, clean = await asyncio.to_thread(_redacted, raw, text, redactor)  # megabytes would hold the loop
            if clean:
                wanted = {"format": "jpeg", "quality": _QUALITY, "optimizeForSpeed": True}
                screenshot = base64.b64decode((await tab.ask("Page.captureScreenshot", **wanted))["data"])
    except (ProbeFailure, LookupError, TimeoutError):
        pass  # the failure itself is what counts
    if screenshot is not None and len(screenshot) > _MOST_SCREENSHOT:
        screenshot = None
    return None if html is None and screenshot is None else Capture(screenshot=screenshot, html=html)


def _redacted(raw: str, text: str, redactor: Redactor) -> tuple[str, bool]:
    """The markup without secrets and within its bound, and whether neither it nor the page's text had one."""
    html = redactor(raw)
    return html[:_MOST_HTML], html == raw and redactor(text) == text
