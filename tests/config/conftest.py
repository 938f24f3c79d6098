"""The folder in which a test writes its probes.yaml."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.config.loading import Folder

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """An empty folder, an empty environment, no location."""
    return Folder(tmp_path)
