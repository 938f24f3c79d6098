"""CONTRIBUTING.md's recipe for a new kind is followed to the letter, in a copy of the package."""

from __future__ import annotations

import json
import os
import re
import shutil
import socketserver
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import prober
from tests.conftest import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCK = re.compile(r"^```\w+ (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A checkout in which the recipe was followed."""

    root: Path

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run this Python with the copy's package in front of the installed one."""
        env = {**os.environ, "PYTHONPATH": str(self.root)}
        command = [sys.executable, *arguments]
        return subprocess.run(command, cwd=self.root, env=env, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """The package and its settings, with the files of the recipe added and its table of contents changed."""
    root = tmp_path_factory.mktemp("checkout")
    shutil.copytree(Path(prober.__file__).parent, root / "prober", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "pyproject.toml", root)
    blocks = dict(_BLOCK.findall((CHECKOUT / "CONTRIBUTING.md").read_text()))
    contents = root / "prober/probes/__init__.py"
    imported, named = blocks.pop("prober/probes/__init__.py").splitlines()
    text = contents.read_text().replace("from prober.probes import ", f"{imported}, ", 1)
    contents.write_text(re.sub(r"^( *)\w+\.KIND,$", rf"{named}\n\g<0>", text, count=1, flags=re.MULTILINE))
    for path, block in blocks.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(block)
    return Copy(root=root)


@contextmanager
def _greeting(text: bytes) -> Iterator[int]:
    """The port of a server that greets."""

    class Greet(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.sendall(text)

    with socketserver.TCPServer(("127.0.0.1", 0), Greet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def test_the_recipe_passes_its_own_test(copy: Copy) -> None:
    """The test that the recipe writes is green."""
    done = copy.python("-m", "pytest", "-q", "tests/probes/test_banner.py", "-p", "no:randomly")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout


def test_the_recipe_passes_the_linter(copy: Copy) -> None:
    """What it shows is how code here looks."""
    for command in (["check"], ["format", "--check"]):
        done = copy.python("-m", "ruff", *command, "prober/probes/banner.py", "prober/probes/__init__.py", "tests")
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("greeting", "says"), [(b"220 ready\r\n", None), (b"554 no\r\n", "content_mismatch")])
def test_the_new_kind_is_checked_like_any_other(copy: Copy, greeting: bytes, says: str | None) -> None:
    """Its file and one line are enough for `prober check` to load, run and judge it."""
    path = copy.root / "banner.yaml"
    with _greeting(greeting) as port:
        path.write_text(re.sub(r"port: \d+", f"port: {port}", path.read_text()))
        done = copy.python("-m", "prober", "check", "-c", "banner.yaml", "--format", "json")
    assert done.returncode == (says is not None), done.stderr
    probe = json.loads(done.stdout)["probes"][0]
    assert (probe["kind"], probe["error_class"]) == ("banner", says)
    assert [phase["name"] for phase in probe["phases"]] == ["resolve", "connect", "greeting"]


def test_a_mistake_in_its_settings_has_a_place(copy: Copy) -> None:
    """What `__post_init__` refuses is reported with file, line and column."""
    path = copy.root / "wrong.yaml"
    path.write_text(re.sub(r"port: \d+", "port: 99999", (copy.root / "banner.yaml").read_text()))
    done = copy.python("-m", "prober", "validate", "-c", "wrong.yaml")
    assert done.returncode == 2
    assert re.search(r"wrong\.yaml:3:\d+: .*port: must be between 1 and 65535", done.stdout + done.stderr)
