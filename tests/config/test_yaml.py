"""From bytes to nodes: what YAML is taken, what is refused, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from prober.config.nodes import ListNode, MapNode, Node, ScalarNode
from prober.config.parse import MAX_DEPTH, MAX_NODES, parse
from prober.config.text import MAX_BYTES
from tests.config.loading import HEAD, Folder

if TYPE_CHECKING:
    from prober.config.errors import ConfigError

A = '  - {name: a, kind: http, url: "http://a"'


def read(data: bytes) -> tuple[Node | None, list[ConfigError]]:
    """The root of a file and what is wrong with it."""
    errors: list[ConfigError] = []
    return parse(data, "f", errors.append), errors


def plain(node: Node | None) -> object:
    """A node as lists, dicts and texts."""
    match node:
        case ScalarNode():
            return node.text
        case ListNode():
            return [plain(item) for item in node.items]
        case MapNode():
            return {key: plain(entry.value) for key, entry in node.entries.items()}
    return None


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\xef\xbb\xbfversion: 1", "f:1:1: the file begins with a byte order mark: save it as UTF-8 without one"),
        (b"\xff\xfev\x00", "f:1:1: the file is UTF-16: save it as UTF-8"),
        (b"\xfe\xff\x00v", "f:1:1: the file is UTF-16: save it as UTF-8"),
        (b"a: 1\nb: \xc3\xa4\xff", "f:2:5: the byte 0xff is not UTF-8: save the file as UTF-8"),
        (b"a: \x00", "f:1:4: the character \\x00 may not stand here"),
        (b"a: b\r\nc: \x1b[0m", "f:2:4: the character \\x1b may not stand here"),
        ("a: b\u2028c".encode(), "f:1:5: the character \\u2028 may not stand here"),
        ("a: \ufeffb".encode(), "f:1:4: the character \\ufeff may not stand here"),
        (b"a:\n\tb: c", "f:2:1: a tab cannot indent: use spaces"),
        (b"a: `b`", "f:1:4: a text cannot begin with `: put it in quotes"),
        (b"a: %b", "f:1:4: a text cannot begin with %: put it in quotes"),
        (b'a: "\\ud800"', "f:1:7: this is not YAML: while parsing a quoted scalar: found invalid Unicode"),
        (b"a: 'b", "f:1:4: this is not YAML: while scanning a quoted scalar: found unexpected end of stream"),
        (b"%YAML 3.0\n---\na: b", "f:1:1: this is not YAML: found incompatible YAML document"),
        (b"a: *b", "f:1:4: the alias *b has no anchor &b above it"),
        (b"a: &x {b: *x}", "f:1:11: the alias *x stands inside what it names"),
        (b"", "f:1:1: the file is empty"),
        (b"a: b\n---\nc: d", "f:2:1: a second document begins"),
        (b"a: b\n...\n---\n", "f:3:1: a second document begins"),
        (b"a: !local b", 'f:1:4: a: the tag "!local" is not supported'),
        (b"{[a]: b}", "f:1:2: a key must be a text"),
        (b"? {a: b}\n: c", "f:1:3: a key must be a text"),
        (b"'': a", "f:1:1: a key is empty"),
        (b"a: 1\n'a': 2", "f:2:1: a: the key is already given in line 1: remove one"),
    ],
)
def test_what_cannot_be_read_says_where_and_how_to_mend_it(data: bytes, message: str) -> None:
    """One error with line and column for whatever the bytes are."""
    _, errors = read(data)
    assert [str(error)[: len(message)] for error in errors] == [message]


def test_columns_count_characters() -> None:
    """Not bytes: an editor shows the same number."""
    _, errors = read("{ä: 'ö', ü: {}, ü: 1}".encode())
    assert (errors[0].line, errors[0].column) == (1, 17)


def test_other_mistakes_of_a_file_are_found_beside_a_duplicate_key(folder: Folder) -> None:
    """The first of the two counts, and reading goes on."""
    errors = folder.errors(f"{HEAD}probes:\n{A}, name: b, urll: x}}\n")
    assert [error.split(": ")[0] for error in errors] == ["probes.yaml:3:44", "probes.yaml:3:53"]


def test_a_file_has_a_largest_size() -> None:
    """One byte more than a mebibyte is one too many."""
    comment = b"a: b\n#" + b"x" * (MAX_BYTES - 6)
    assert plain(read(comment)[0]) == {"a": "b"}
    assert [error.message[:29] for error in read(comment + b"x")[1]] == ["the file is larger than 1 MiB"]


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 500_000])
def test_lists_inside_lists_have_a_deepest_level(depth: int) -> None:
    """Brackets without end are one error and no recursion."""
    _, errors = read(b"[" * depth)
    assert [error.message for error in errors] == [f"lists and mappings are more than {MAX_DEPTH} deep here"]


def test_the_deepest_level_can_be_read() -> None:
    """The bound is the bound, and not one less."""
    root, errors = read(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    assert not errors
    assert root is not None
    assert root.height == MAX_DEPTH


def test_a_bomb_of_aliases_is_left_before_it_goes_off() -> None:
    """A billion laughs are one error: an alias counts as what it stands for."""
    lines = ["a0: &a0 [" + ",".join(["lol"] * 9) + "]"]
    lines += [f"a{n}: &a{n} [" + ",".join([f"*a{n - 1}"] * 9) + "]" for n in range(1, 12)]
    _, errors = read("\n".join(lines).encode())
    assert len(errors) == 1
    assert f"more than {MAX_NODES:,} values with its aliases expanded" in errors[0].message


def test_a_bomb_of_depth_is_left_before_it_goes_off() -> None:
    """Aliases that wrap each other deepen the tree without deepening the text."""
    lines = ["a0: &a0 []"] + [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 200)]
    _, errors = read("\n".join(lines).encode())
    assert [error.message for error in errors] == [f"lists and mappings are more than {MAX_DEPTH} deep here"]


def test_a_file_of_merges_is_bounded() -> None:
    """Merging counts what it merges."""
    keys = ",".join(f"k{n}: v" for n in range(1000))
    _, errors = read(f"a: &a {{{keys}}}\nb: {{<<: [{','.join(['*a'] * 1000)}]}}".encode())
    assert len(errors) == 1


def test_aliases_stand_for_what_they_name() -> None:
    """Anchors may be used within bounds."""
    assert plain(read(b"a: &x {b: [1]}\nc: *x")[0]) == {"a": {"b": ["1"]}, "c": {"b": ["1"]}}


def test_a_merge_key_brings_in_a_mapping() -> None:
    """The own word counts, then the first of the merged."""
    text = b"a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], x: 0}\nd: {z: 0, <<: *b}\ne: {'<<': 1}"
    root = plain(read(text)[0])
    assert isinstance(root, dict)
    assert root["c"] == {"x": "0", "y": "1", "z": "2"}
    assert root["d"] == {"z": "0", "y": "2"}
    assert root["e"] == {"<<": "1"}


def test_texts_keep_their_yaml_1_2_meaning(folder: Folder) -> None:
    """Country code no, a time, an octal-looking number: none changes on the way into a text or a number."""
    entry = 'name: a, kind: http, url: "http://a", limits: {low: 010, high: 20}'
    probe = folder.probe(
        f"{entry}, labels: {{country: no, at: 12:30, zip: 010, big: 1e3}}, json: [no, 12:30, 010, 1e3]"
    )
    assert probe.labels == {"country": "no", "at": "12:30", "zip": "010", "big": "1e3"}
    settings: Any = probe.settings
    assert settings.json == ["no", "12:30", 10, 1000.0]
    assert settings.limits.low == 10


def test_a_file_that_cannot_be_read_is_an_error(folder: Folder) -> None:
    """Missing, or a folder."""
    missing = folder.errors_of(folder.path / "none.yaml")
    assert missing == ["none.yaml:1:1: the file cannot be read: No such file or directory"]
    assert "Is a directory" in folder.errors_of(folder.path)[0]
