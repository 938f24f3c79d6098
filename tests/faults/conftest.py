"""The zoo that all tables of faults share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.target.zoo import Zoo, open_zoo

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def zoo() -> Iterator[Zoo]:
    """Servers that misbehave, in a process of their own."""
    with open_zoo() as opened:
        yield opened
