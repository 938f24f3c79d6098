"""Writes everything that is made from the code into the pages of the documentation."""

from __future__ import annotations

from tests.docs.blocks import renewed
from tests.docs.generators import GENERATORS
from tests.docs.pages import pages

for _page in pages():
    _before = _page.path.read_text("utf-8")
    _after = renewed(_before, GENERATORS)
    if _after != _before:
        _page.path.write_text(_after, "utf-8")
        print(f"wrote {_page.name}")
