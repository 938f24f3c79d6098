"""Files with mistakes, each beside the full text of what is said about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from prober import config
from tests.config.kinds import KINDS

HERE = Path(__file__).parent
BAD = sorted(HERE.glob("*.bad.yaml"))
ENV = {"WORD": "canary-value"}


def report(path: Path) -> str:
    """All that is said about a file, with the folder left out."""
    with pytest.raises(config.ConfigErrors) as caught:
        config.load(path, kinds=KINDS, env=ENV)
    return str(caught.value).replace(f"{HERE}/", "") + "\n"


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.name.removesuffix(".bad.yaml"))
def test_every_mistake_is_reported(path: Path) -> None:
    """All mistakes of a file are told at once, by line, and nothing else."""
    assert report(path) == path.with_suffix(".txt").read_text()


def test_no_expectation_is_left_over() -> None:
    """Each expected text belongs to a file."""
    assert {path.with_suffix("") for path in HERE.glob("*.bad.txt")} == {path.with_suffix("") for path in BAD}


def test_five_different_mistakes_are_all_found() -> None:
    """One mistake does not hide another: an unknown key, an unknown kind, no unit, a name twice, an inline secret."""
    places = [line.split(": ")[0].split(":")[1:] for line in report(HERE / "five_mistakes.bad.yaml").splitlines()]
    assert places == [["6", "5"], ["8", "11"], ["13", "14"], ["14", "11"], ["21", "14"]]
