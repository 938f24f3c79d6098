"""The real servers that the real tests talk to: one that is missing is a failure, never a skipped test."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import CHECKOUT
from tests.target.zoo import Zoo, open_zoo

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def zoo() -> Iterator[Zoo]:
    """Servers that misbehave, in a process of their own."""
    with open_zoo() as opened:
        yield opened


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest) -> Path:
    """Where the commands of Django, LiteLLM and llama.cpp are installed; `make test` does that."""
    return CHECKOUT / Path(str(request.config.getoption("--servers"))) / "bin"
