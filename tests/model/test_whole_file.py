"""A file that is replaced as a whole."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from prober.model.whole_file import replace_file

if TYPE_CHECKING:
    from pathlib import Path


def test_it_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    """Nobody else can read it, nor the folder that is made for it."""
    path = tmp_path / "new" / "spending.json"
    replace_file(path, b"long ago")
    replace_file(path, b"now")
    assert path.read_bytes() == b"now"
    assert [each.name for each in path.parent.iterdir()] == ["spending.json"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_what_cannot_be_replaced_stays(tmp_path: Path) -> None:
    """The old content is there if the new one cannot be written beside it."""
    path = tmp_path / "held-back.json"
    replace_file(path, b"old")
    (tmp_path / "held-back.json.new").mkdir()
    with pytest.raises(OSError, match="directory"):
        replace_file(path, b"new")
    assert path.read_bytes() == b"old"
