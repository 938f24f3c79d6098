"""Options and fixtures that all tests share."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import hypothesis
import pytest
import uvloop

import prober

T = TypeVar("T")
Runner = Callable[[Coroutine[Any, Any, T]], T]

CHECKOUT = Path(__file__).parent.parent

# A time limit per example would test how busy the machine is. What one run is asked, every run is asked: news comes
# from `--hypothesis-profile=explore`, and not from the run that a change waits for.
hypothesis.settings.register_profile("prober", deadline=None, print_blob=True, derandomize=True)
hypothesis.settings.register_profile("explore", deadline=None, print_blob=True, max_examples=1000)
hypothesis.settings.load_profile("prober")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--installed", action="store_true", help="insist that prober is imported from an installed wheel")
    parser.addoption(
        "--servers", default=".venv-servers", help="the virtual environment with Django, LiteLLM and llama.cpp"
    )


def pytest_configure(config: pytest.Config) -> None:
    where = Path(prober.__file__)
    if config.getoption("--installed") and where.is_relative_to(CHECKOUT / "prober"):
        msg = f"prober comes from the checkout, not from an installed wheel: {where}"
        raise pytest.UsageError(msg)


def pytest_collection_finish() -> None:
    """What is imported and collected by now stays: no test's collection of garbage needs to look at it."""
    gc.collect()
    gc.freeze()


@pytest.fixture(params=["asyncio", "uvloop"])
def run_loop(request: pytest.FixtureRequest) -> Runner[Any]:
    """Run a coroutine to its end: once on asyncio's loop and once on uvloop."""
    return asyncio.run if request.param == "asyncio" else uvloop.run
