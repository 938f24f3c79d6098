"""Included files: which are read, in which order, and how their mistakes are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.config.loading import HEAD

if TYPE_CHECKING:
    from pathlib import Path

    from tests.config.loading import Folder


def one(name: str, **more: str) -> str:
    """A file with one probe."""
    extra = "".join(f", {key}: {value}" for key, value in more.items())
    return f'probes: [{{name: {name}, kind: http, url: "http://a"{extra}}}]\n'


def names(folder: Folder, include: str) -> list[str]:
    """The names of all probes when these patterns are included."""
    return [probe.name for probe in folder.load(f"{HEAD}include: [{include}]\n{one('main')}").probes]


def test_patterns_are_relative_to_the_file_and_sorted(folder: Folder) -> None:
    """In the order of the patterns, then of the names; the main file's own probes come first."""
    for name in ("b", "a", "c"):
        folder.write(one(name), f"probes.d/{name}.yaml")
    folder.write(one("z"), "first.yaml")
    assert names(folder, "first.yaml, probes.d/*.yaml") == ["main", "z", "a", "b", "c"]


def test_a_file_is_read_once(folder: Folder) -> None:
    """Also if several patterns, or a link, lead to it."""
    file = folder.write(one("a"), "probes.d/a.yaml")
    (folder.path / "probes.d" / "link.yaml").symlink_to(file)
    assert names(folder, '"probes.d/*.yaml", "probes.d/a.yaml"') == ["main", "a"]


def test_folders_and_hidden_files_are_passed_over(folder: Folder) -> None:
    """An editor's swap file and the ..data of a Kubernetes volume are no configuration."""
    folder.write("not: [yaml", "probes.d/.a.yaml.swp")
    folder.write("not: [yaml", "probes.d/..data/a.yaml")
    folder.write("not: [yaml", "probes.d/folder.yaml/a.yaml")
    folder.write(f"{HEAD}{one('a')}", "probes.d/a.yaml")
    assert names(folder, '"probes.d/*"') == ["main", "a"]


def test_an_absolute_path_can_be_included(folder: Folder) -> None:
    """A pattern that begins with a slash is not relative to anything."""
    file = folder.write(one("a"), "elsewhere/a.yaml")
    assert names(folder, f'"{file}"') == ["main", "a"]


def test_a_folder_with_magic_in_its_name_is_taken_as_it_is(tmp_path: Path, folder: Folder) -> None:
    """Only the pattern itself is a pattern."""
    folder.path = tmp_path / "[x]"
    folder.write(one("a"), "a.yaml")
    assert names(folder, '"[a].yaml"') == ["main", "a"]


def test_a_pattern_may_match_nothing_but_a_path_may_not(folder: Folder) -> None:
    """An empty probes.d is fine; a file that was named is missing."""
    assert names(folder, '"probes.d/*.yaml"') == ["main"]
    assert folder.errors(f"{HEAD}include: [probes.d/a.yaml]\n") == [
        'probes.yaml:2:11: include[0]: the file "probes.d/a.yaml" does not exist'
    ]


def test_inclusion_does_not_go_on(folder: Folder) -> None:
    """An included file holds probes, and includes neither others nor the main file."""
    folder.write("include: [b.yaml]\ndefaults: {interval: 5s}\nconectivity: []\n", "a.yaml")
    assert folder.errors(f'{HEAD}include: ["*.yaml"]\n') == [
        'probes.yaml:2:11: include[0]: "*.yaml" includes this file itself',
        "a.yaml:1:1: include: an included file holds only probes: move this to the main file",
        "a.yaml:2:1: defaults: an included file holds only probes: move this to the main file",
        "a.yaml:3:1: conectivity: unknown key, expected one of probes, version",
    ]


def test_mistakes_carry_the_name_of_their_file(folder: Folder) -> None:
    """All files are read to their end, and a name is unique across them."""
    folder.write(one("main"), "a.yaml")
    folder.write(one("b", intervall="5s"), "b.yaml")
    folder.write("probes: [", "c.yaml")
    errors = folder.errors(f"{HEAD}include: [a.yaml, b.yaml, c.yaml]\n{one('main', timeout='5')}")
    assert [error.split(": ")[0] for error in errors] == [
        "probes.yaml:3:61",
        "a.yaml:1:17",
        "b.yaml:1:49",
        "c.yaml:2:1",
    ]
    assert "the name main is taken by probes.yaml:3:17" in errors[1]


def test_defaults_reach_included_probes(folder: Folder) -> None:
    """The main file's defaults count everywhere."""
    folder.write(one("a"), "a.yaml")
    config = folder.load(f"{HEAD}defaults: {{interval: 5s}}\ninclude: [a.yaml]\n")
    assert [probe.interval_ns for probe in config.probes] == [5 * 10**9]
