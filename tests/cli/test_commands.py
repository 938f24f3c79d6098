"""Tests of validate, list, schema and check: exit status, streams, and what is said."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner, Result

from prober.cli import main
from prober.cli.bars import ink_for
from prober.cli.group import COMMANDS
from prober.cli.listing import table
from prober.cli.loading import load_config
from tests.cli.command import run_prober, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.command import Site


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serving() as running:
        yield running


def invoke(*arguments: str, **env: str | None) -> Result:
    """The command in this process. A traceback would be an exception that is no exit."""
    done = CliRunner(env={"NO_COLOR": None, **env}).invoke(main, arguments)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def written(folder: Path, *probes: str) -> str:
    """A configuration of these entries."""
    path = folder / "probes.yaml"
    path.write_text("version: 1\nprobes:\n" + "".join(f"  - {probe}\n" for probe in probes))
    return str(path)


def http(name: str, url: str, more: str = "") -> str:
    return f"{{name: {name}, kind: http, provider: acme, service: web, url: '{url}', timeout: 5s{more}}}"


FIVE_MISTAKES = (
    "{name: first, kind: http, url: 'https://example.com/', intervall: 30s}",
    "{name: second, kind: htpp, url: 'https://example.com/'}",
    "{name: third, kind: http, url: 'https://example.com/', timeout: 10}",
    "{name: first, kind: page, url: 'https://example.com/'}",
    "{name: Fifth, kind: http, url: 'https://example.com/'}",
)


def test_five_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    """Each with file, line and column, on standard error; exit status 2, and no traceback."""
    path = written(tmp_path, *FIVE_MISTAKES)
    done = run_prober("validate", "-c", path, cwd=tmp_path)
    errors = done.stderr.splitlines()
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(errors) == 5
    assert [error.split(":")[1] for error in errors] == ["3", "4", "5", "6", "7"]
    assert all(error.startswith(f"{path}:") for error in errors)
    assert "did you mean interval?" in errors[0]
    assert "did you mean http?" in errors[1]


@pytest.mark.parametrize("command", ["validate", "list", "check", "run"])
@pytest.mark.parametrize(
    ("path", "reason"),
    [
        pytest.param("missing.yaml", "No such file or directory: name another file by -c", id="missing"),
        pytest.param(".", "Is a directory", id="a directory"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line(command: str, path: str, reason: str) -> None:
    """The name and the reason; exit status 2."""
    done = invoke(command, "-c", path)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert reason in done.stderr
    assert done.stderr.count("\n") == 1


def test_validate_says_what_is_there_and_what_is_not(tmp_path: Path) -> None:
    """Probes, disabled ones and why; exit status 0."""
    chat = (
        "{name: b, kind: chat, endpoint: 'http://127.0.0.1:1/v1', protocol: openai-chat, model: m, "
        "api_key: '${env:PROBER_TEST_KEY}'}"
    )
    path = written(tmp_path, http("a", "http://127.0.0.1/"), chat)
    done = invoke("validate", "-c", path, PROBER_TEST_KEY=None)
    assert done.exit_code == 0
    assert done.stdout == f"{path}: 2 probes, 1 disabled\n  b: PROBER_TEST_KEY is not set\n"
    assert invoke("validate", "-c", path, PROBER_TEST_KEY="sk-1234567").stdout == f"{path}: 2 probes\n"


def test_strict_makes_a_missing_secret_a_mistake(tmp_path: Path) -> None:
    """Where nothing may be disabled, that is said with its place."""
    path = written(tmp_path, http("a", "http://127.0.0.1/", ", bearer: '${env:PROBER_TEST_KEY}'"))
    done = invoke("validate", "-c", path, "--strict", PROBER_TEST_KEY=None)
    assert done.exit_code == 2
    assert "PROBER_TEST_KEY is not set" in done.stderr


def test_warnings_are_shown_and_are_no_mistakes(tmp_path: Path) -> None:
    """A timeout above the interval is allowed, and said."""
    path = written(tmp_path, http("a", "http://127.0.0.1/", ", interval: 2s"))
    done = invoke("validate", "-c", path)
    assert done.exit_code == 0
    assert "(warning)" in done.stderr


def test_list_is_a_table(tmp_path: Path) -> None:
    """Name, kind, provider and service, interval, timeout, runs a day, target and state; nothing wraps."""
    long_name = "a-very-long-name-of-a-probe-that-takes-all-of-the-room-there-is"
    disabled = http(long_name, "http://127.0.0.1/", ", bearer: '${env:PROBER_TEST_KEY}'")
    path = written(tmp_path, http("a", "http://localhost/"), disabled)
    done = invoke("list", "-c", path, PROBER_TEST_KEY=None)
    heading, first, second = done.stdout.splitlines()
    assert heading.split() == ["name", "kind", "provider/service", "every", "timeout", "runs/day", "target", "state"]
    assert re.split(" +", first) == ["a", "http", "acme/web", "1m", "5s", "1\u202f440", "localhost", "enabled"]
    assert second.endswith("disabled: PROBER_TEST_KEY is not set")
    assert first.index("http") == second.index("http") == heading.index("kind")


def test_validate_names_no_more_disabled_probes_than_one_reads(tmp_path: Path) -> None:
    """Ten by name, and how many more there are."""
    more = ", bearer: '${env:PROBER_TEST_KEY}'"
    path = written(tmp_path, *(http(f"p-{number}", "http://127.0.0.1/", more) for number in range(12)))
    lines = invoke("validate", "-c", path, PROBER_TEST_KEY=None).stdout.splitlines()
    assert lines[0] == f"{path}: 12 probes, 12 disabled"
    assert lines[-2:] == ["  p-9: PROBER_TEST_KEY is not set", "  and 2 more"]


def test_list_names_the_service_of_a_probe_that_is_called_like_it(tmp_path: Path) -> None:
    """Half of it would be taken for the whole."""
    path = written(tmp_path, http("web", "http://localhost/"))
    assert " acme/web " in invoke("list", "-c", path).stdout.splitlines()[1]


def test_list_leaves_columns_out_before_it_wraps(tmp_path: Path) -> None:
    """On 80 columns the time-out and the target go, and what is needed stays."""
    paid = (
        "{name: gateway-chat, kind: chat, provider: acme, service: gateway, model: acme-large, protocol: openai-chat, "
        "endpoint: 'http://localhost:1/v1', interval: 5s}"
    )
    config = load_config(Path(written(tmp_path, paid, http("a", "http://localhost/"))))
    lines = [click.unstyle(line) for line in table(config.probes, {}, ink=ink_for("utf-8"), columns=80)]
    assert lines[0].split() == ["name", "kind", "provider/se…", "every", "runs/day", "spends/day", "state"]
    assert all(len(line) <= 80 and (line.endswith(("enabled", "state"))) for line in lines)


def test_the_help_of_every_command_fits_on_a_line() -> None:
    """Eighty columns show each command's sentence to its end."""
    listed = invoke("--help", COLUMNS="80").stdout.split("Commands:\n")[1].splitlines()
    assert len(listed) == len(COMMANDS)
    assert all(line.endswith(".") and not line.endswith("...") for line in listed)


def test_list_speaks_json(tmp_path: Path) -> None:
    """The same for programs."""
    path = written(tmp_path, http("a", "http://localhost/", ", interval: 30s"))
    document = json.loads(invoke("list", "-c", path, "--format", "json").stdout)
    assert document["version"] == 1
    assert document["probes"][0]["runs_per_day"] == 2880
    assert document["probes"][0]["disabled"] is None


def test_schema_is_json() -> None:
    """An editor can read it."""
    assert json.loads(invoke("schema").stdout)["title"] == "probes.yaml"


def test_check_of_what_works(tmp_path: Path, site: Site) -> None:
    """A timeline on standard output, nothing on standard error, exit status 0."""
    done = invoke("check", "-c", written(tmp_path, http("a", f"{site.url}/ok"), http("b", f"{site.url}/ok")))
    assert done.exit_code == 0
    assert done.stderr == ""
    assert done.stdout.index("● a") < done.stdout.index("● b") < done.stdout.index("2 ok in")
    assert "HTTP 200" in done.stdout
    assert "\x1b" not in done.stdout


def test_check_of_what_does_not_work(tmp_path: Path, site: Site) -> None:
    """Failures are explained, exit status 1."""
    done = invoke("check", "-c", written(tmp_path, http("a", f"{site.url}/broken"), http("b", f"{site.url}/ok")))
    assert done.exit_code == 1
    assert "server_error" in done.stdout
    assert "whose fault: theirs" in done.stdout
    assert "1 ok, 1 failed in" in done.stdout


def test_check_of_named_probes(tmp_path: Path, site: Site) -> None:
    """Only those run; one that does not exist is a mistake with a suggestion."""
    path = written(tmp_path, http("first", f"{site.url}/ok"), http("second", f"{site.url}/broken"))
    done = invoke("check", "-c", path, "first")
    assert done.exit_code == 0
    assert "second" not in done.stdout
    done = invoke("check", "-c", path, "secnd")
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr == "no probe is named secnd, did you mean second?\n"


def test_check_in_json_is_nothing_but_json(tmp_path: Path, site: Site) -> None:
    """The objects of the contract, in the order of the file, disabled ones too; standard output holds nothing else."""
    path = written(
        tmp_path,
        http("b", f"{site.url}/broken"),
        http("a", f"{site.url}/ok"),
        http("c", f"{site.url}/ok", ", bearer: '${env:PROBER_TEST_KEY}'"),
    )
    done = invoke("check", "-c", path, "--format", "json", PROBER_TEST_KEY=None)
    document = json.loads(done.stdout)
    assert done.exit_code == 1
    assert document["version"] == 1
    assert [probe["name"] for probe in document["probes"]] == ["b", "a", "c"]
    broken, fine, disabled = document["probes"]
    assert (broken["result"], broken["error_class"], broken["fault"]) == ("fail", "server_error", "target")
    assert fine["result"] == "ok"
    assert [phase["name"] for phase in fine["phases"]] == ["resolve", "connect", "request", "processing", "transfer"]
    assert fine["measures"]["http_status"] == 200
    assert disabled["disabled"] == "PROBER_TEST_KEY is not set"
    assert disabled["result"] is None


def test_disabled_probes_are_no_failure(tmp_path: Path, site: Site) -> None:
    """They are listed with the reason, and the exit status is that of the others."""
    disabled = http("b", f"{site.url}/ok", ", bearer: '${env:PROBER_TEST_KEY}'")
    done = invoke("check", "-c", written(tmp_path, http("a", f"{site.url}/ok"), disabled), PROBER_TEST_KEY=None)
    assert done.exit_code == 0
    assert "○ b  disabled: PROBER_TEST_KEY is not set" in done.stdout
    assert "1 ok, 1 disabled in" in done.stdout


def test_a_secret_is_in_no_output(tmp_path: Path, site: Site) -> None:
    """Wherever it turns up, it is redacted."""
    secret = "sk-very-secret-value"
    path = written(tmp_path, http("a", f"{site.url}/ok?key=${{env:PROBER_TEST_KEY}}", ", expect: {contains: nothing}"))
    for form in ("text", "json"):
        done = invoke("check", "-c", path, "--format", form, PROBER_TEST_KEY=secret)
        assert done.exit_code == 1
        assert secret not in done.output


def test_no_colour_is_honoured(tmp_path: Path, site: Site) -> None:
    """Not even for those who pretend to have a terminal."""
    path = written(tmp_path, http("a", f"{site.url}/ok"))
    coloured = CliRunner(env={"NO_COLOR": None}).invoke(main, ["check", "-c", path], color=True)
    plain = CliRunner(env={"NO_COLOR": "1"}).invoke(main, ["check", "-c", path], color=True)
    assert "\x1b[32m" in coloured.stdout
    assert "\x1b" not in plain.stdout


def test_all_probes_run_at_the_same_time(tmp_path: Path, site: Site) -> None:
    """Twenty probes of a second take about a second."""
    probes = [http(f"p{number}", f"{site.url}/slow") for number in range(20)]
    done = invoke("check", "-c", written(tmp_path, *probes), "--format", "json")
    durations = [probe["duration_seconds"] for probe in json.loads(done.stdout)["probes"]]
    assert done.exit_code == 0
    assert max(durations) < 5
    assert sum(durations) > 19
