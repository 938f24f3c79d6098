"""Django's admin is signed into, with the right password and with a wrong one."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.real.command import check
from tests.real.process import Server, free_port, started

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD = "s3cret-" + secrets.token_hex(4)


@pytest.fixture(scope="module")
def admin(servers: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Django's admin behind gunicorn, with the user ``probe``."""
    folder = tmp_path_factory.mktemp("django")
    shutil.copy(Path(__file__).with_name("lab.py"), folder)
    lab = {"LAB_FOLDER": str(folder), "LAB_SECRET": secrets.token_hex(32), "DJANGO_SUPERUSER_PASSWORD": PASSWORD}
    env = {**os.environ, **lab}
    env.pop("PYTHONSAFEPATH", None)
    subprocess.run([servers / "python", "lab.py"], cwd=folder, env=env, check=True, timeout=60)
    listen = f"127.0.0.1:{free_port()}"
    command = [str(servers / "gunicorn"), "--bind", listen, "--threads", "4", "lab:application"]
    with started(command, url=f"http://{listen}", folder=folder, ready="/admin/login/", env=env) as server:
        yield server


def _login(admin: Server, name: str, *, password: str) -> dict[str, Any]:
    return {
        "name": name,
        "kind": "login",
        "provider": "lab",
        "service": "admin",
        "variables": {"base": admin.url, "password": password},
        "steps": [
            {"name": "page", "get": "{{base}}/admin/login/?next=/admin/", "expect": {"status": 200}},
            {
                "name": "submit",
                "role": "submit",
                "form": True,
                "fields": {"username": "probe", "password": "{{password}}"},
            },
            {
                "name": "whoami",
                "role": "whoami",
                "get": "{{base}}/admin/",
                "expect": [{"css": "#user-tools strong", "equals": "probe"}],
            },
        ],
        "finally": [{"name": "logout", "form": {"css": "form#logout-form"}}],
    }


def test_the_right_password_is_signed_in(admin: Server, tmp_path: Path) -> None:
    """Form with CSRF token, redirect, session cookie, and a page that knows who we are."""
    said = check(tmp_path, [_login(admin, "right", password="${env:LAB_PASSWORD}")], LAB_PASSWORD=PASSWORD)
    probe = said.probes["right"]
    assert probe["result"] == "ok", probe
    assert said.code == 0
    assert [(step["name"], step["result"]) for step in probe["steps"]][:3] == [
        ("page", "ok"),
        ("submit", "ok"),
        ("whoami", "ok"),
    ]


def test_a_wrong_password_is_ours(admin: Server, tmp_path: Path) -> None:
    """The admin answers 200 with the form again: the password was refused, at the submit, and the fault is ours."""
    said = check(tmp_path, [_login(admin, "wrong", password="${env:LAB_PASSWORD}")], LAB_PASSWORD="wrong-" + PASSWORD)
    probe = said.probes["wrong"]
    assert said.code == 1
    assert (probe["error_class"], probe["detail"], probe["phase"], probe["fault"]) == (
        "auth_rejected",
        "bad_credentials",
        "submit",
        "us",
    )
