"""What is installed is the whole package: code, templates and data."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import prober
from tests.conftest import CHECKOUT

PACKAGE = Path(prober.__file__).parent


def _files(root: Path) -> set[str]:
    return {
        str(path.relative_to(root))
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    }


def test_the_installed_package_holds_every_file_of_the_checkout() -> None:
    """A template or data file that the wheel forgets would fail only at the user's."""
    assert _files(CHECKOUT / "prober") == _files(PACKAGE)


def test_the_installed_files_are_those_of_the_checkout() -> None:
    """The tests that follow speak of this checkout, not of a wheel that was built before."""
    stale = [
        name for name in _files(PACKAGE) if (PACKAGE / name).read_bytes() != (CHECKOUT / "prober" / name).read_bytes()
    ]
    assert stale == []


def test_importing_the_command_line_needs_nothing_of_the_tests() -> None:
    """The runtime dependencies suffice: none of the packages of the tests is imported."""
    code = "import sys, prober.cli; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent
    )
    tools = {"pytest", "hypothesis", "trustme", "dnslib", "jsonschema", "openai", "prometheus_client"}
    assert not tools & set(done.stdout.split())
