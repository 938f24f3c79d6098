"""The zoo that all tables of faults share."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

from tests.target.zoo import Zoo, open_zoo

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def zoo() -> Iterator[Zoo]:
    """Servers that misbehave, in a process of their own."""
    gc.collect()
    gc.freeze()  # each case looks for garbage: not in everything that the other tests have imported
    with open_zoo() as opened:
        yield opened
    gc.unfreeze()
