"""Whatever bytes come in: a configuration or ConfigErrors, and never anything else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prober.config import ConfigErrors, dump
from prober.config.decode import plans_of
from prober.model.probe import Common
from tests.config.kinds import KINDS
from tests.config.loading import HEAD, Folder
from tests.config.test_schema import GOOD

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ENV = {"A": "value-of-a", "N": "7", "D": "5s"}
CLASSES: list[type[object]] = [Common, *(kind.settings for kind in KINDS.values())]
KEYS = sorted({plan.key for cls in CLASSES for plan in plans_of(cls)})
WORDS = [*KINDS, "10s", "99.5%", "5", "64KiB", "http://a", "GET", "red", "no", "${env:A}", "${env:N}", "${env:D}"]
WORDS += [
    "${env:NONE}",
    "${env:NONE:-5}",
    "${env:",
    "$${",
    "{{a}}",
    "name",
    "probes",
    "*",
    "&",
    "<<",
    "",
    "never",
    "x" * 200,
]

SCALARS = st.one_of(
    st.sampled_from(WORDS), st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=8)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)
ENTRIES = st.builds(
    lambda own, more: {**more, **own},
    st.fixed_dictionaries(
        {"name": st.sampled_from(["a", "b", "A"]) | VALUES, "kind": st.sampled_from([*KINDS, "htp"]) | VALUES}
    ),
    st.dictionaries(st.sampled_from([*KEYS, "matrix"]), VALUES, max_size=6),
)
DOCUMENTS = st.fixed_dictionaries(
    {"version": st.just(1) | VALUES, "probes": st.lists(ENTRIES | VALUES, max_size=4) | VALUES},
    optional={
        "defaults": st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4) | VALUES,
        "location": VALUES,
        "connectivity": VALUES,
        "include": st.lists(st.sampled_from(["*.yaml", "x", "[", "../*", "\0"]), max_size=2) | VALUES,
    },
)


def _look_at(errors: ConfigErrors) -> None:
    assert errors.errors
    assert all(one.line >= 1 and one.column >= 1 and one.message for one in errors.errors)
    assert len(str(errors).splitlines()) == len(errors.errors)
    assert ENV["A"] not in str(errors)


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bytes], None]:
    """Load bytes, and look at whatever comes of them."""
    folder = Folder(tmp_path_factory.mktemp("fuzz"), env=ENV)
    file: Path = folder.write("")

    def attempt(data: bytes) -> None:
        file.write_bytes(data)
        try:
            config = folder.load_file(file)
        except ConfigErrors as errors:
            _look_at(errors)
        else:
            assert ENV["A"] not in dump(config) or ENV["A"] not in config.secrets

    return attempt


@given(data=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes(load: Callable[[bytes], None], data: bytes) -> None:
    """Noise."""
    load(data)


@given(text=st.text("abc:-?[]{},&*#!|>'\"%@` \n\t<.10$", max_size=60))
def test_any_text_of_yaml_letters(load: Callable[[bytes], None], text: str) -> None:
    """Noise that is nearly YAML."""
    load(f"{HEAD}probes:\n  - {text}".encode())
    load(text.encode())


@given(document=DOCUMENTS)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_document(load: Callable[[bytes], None], document: object) -> None:
    """Known keys with any values under them. JSON is YAML."""
    load(json.dumps(document).encode())
    load(json.dumps(document, indent=1, ensure_ascii=False).encode("utf-8", "replace"))


@given(start=st.integers(0, len(GOOD)), length=st.integers(0, 30), put=st.sampled_from(WORDS) | st.text(max_size=4))
def test_any_edit_of_a_good_file(load: Callable[[bytes], None], start: int, length: int, put: str) -> None:
    """Half-written files, as an editor or a copy leaves them."""
    load((GOOD[:start] + put + GOOD[start + length :]).encode("utf-8", "replace"))
    load(GOOD[:start].encode())
