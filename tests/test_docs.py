"""The documentation is complete and true: what is in the code is in the docs, and what the docs show works."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.docs.examples import Example, examples, loaded, outcomes

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = examples()


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_an_example_loads(example: Example, tmp_path: Path) -> None:
    """Every configuration in the docs is valid as it stands, and none of its probes lacks a variable."""
    config = loaded(example.block.text, tmp_path)
    assert [probe.name for probe in config.probes if probe.disabled] == []
    assert config.warnings == () or config.probes == ()


@pytest.mark.parametrize("example", [each for each in EXAMPLES if each.runs], ids=str)
def test_an_example_does_what_the_page_says(example: Example, tmp_path: Path) -> None:
    """Against the simulator each probe succeeds, or fails for the reason that the page names."""
    seen = asyncio.run(outcomes(example, tmp_path))
    assert seen == {name: example.ends.get(name, "ok") for name in seen}
    assert seen.keys() >= example.ends.keys()
