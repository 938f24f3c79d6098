"""Secrets that somebody wrote into the file are not shown either."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.config import dump, load
from prober.model.secret import Redactor
from prober.probes import KINDS

if TYPE_CHECKING:
    from pathlib import Path

HEADERS = {
    "a bearer token": ("Authorization", "Bearer sk-written-by-hand"),
    "an api key": ("X-Api-Key", "sk-written-by-hand"),
    "a cookie": ("Cookie", "session=sk-written-by-hand"),
}


@pytest.mark.parametrize(("name", "value"), HEADERS.values(), ids=HEADERS)
def test_a_header_that_is_named_like_a_secret(tmp_path: Path, name: str, value: str) -> None:
    """Its value, and the token inside it, are redacted wherever they turn up."""
    path = tmp_path / "probes.yaml"
    path.write_text(
        f'version: 1\nprobes: [{{name: a, kind: http, url: "http://a.example/", headers: {{{name}: "{value}"}}}}]'
    )
    config = load(path, kinds=KINDS, env={})
    assert "written-by-hand" not in dump(config)
    assert "written-by-hand" not in Redactor(config.secrets)(f"the server said: {value}")


def test_a_variable_that_is_named_like_a_secret(tmp_path: Path) -> None:
    """A password among the variables is redacted; the user's name is not."""
    path = tmp_path / "probes.yaml"
    path.write_text(
        "version: 1\nprobes:\n- name: a\n  kind: login\n  variables: {user: somebody, password: written-by-hand}\n"
        '  steps: [{name: who, role: whoami, get: "http://a.example/{{user}}"}]\n'
    )
    shown = dump(load(path, kinds=KINDS, env={}))
    assert "written-by-hand" not in shown
    assert "somebody" in shown
