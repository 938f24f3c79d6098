"""Writes the dashboards: ``python -m grafana [FOLDER]``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from grafana import chat, login_and_pages, overview, prober_itself

__all__: list[str] = []

_DASHBOARDS = {
    "overview": overview.build,
    "chat": chat.build,
    "login-and-pages": login_and_pages.build,
    "prober": prober_itself.build,
}


def _write(folder: Path) -> None:
    """Each dashboard as a file whose bytes only depend on this code."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, build in _DASHBOARDS.items():
        text = json.dumps(build(), indent=2, ensure_ascii=False, sort_keys=True)
        (folder / f"{name}.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    _write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "dashboards")
