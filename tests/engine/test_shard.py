"""Tests of shards: every probe has one owner, owners share evenly, and few move when there is one more."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.engine.shard import Shard, owner


@given(name=st.text(max_size=60), count=st.integers(min_value=1, max_value=12))
def test_every_probe_has_exactly_one_owner(name: str, count: int) -> None:
    """Of all shards of a count exactly one runs a probe."""
    assert [shard.index for shard in (Shard(index, count) for index in range(count)) if shard.owns(name)] == [
        owner(name, count)
    ]


@given(name=st.text(max_size=60), count=st.integers(min_value=1, max_value=12))
def test_a_new_shard_takes_probes_and_shuffles_none(name: str, count: int) -> None:
    """With one shard more a probe stays, or moves to the new one."""
    assert owner(name, count + 1) in {owner(name, count), count}


def test_shards_share_evenly() -> None:
    """Four shards get about a quarter of four thousand probes each."""
    shares = Counter(owner(f"probe-{number}", 4) for number in range(4000))
    assert all(850 < share < 1150 for share in shares.values())


@pytest.mark.parametrize(
    ("name", "owners"),
    [
        pytest.param("openai-chat", (0, 1, 1, 1), id="openai-chat"),
        pytest.param("chatgpt-page", (0, 1, 2, 2), id="chatgpt-page"),
        pytest.param("webui", (0, 1, 1, 1), id="webui"),
    ],
)
def test_other_tools_can_compute_the_owner(name: str, owners: tuple[int, ...]) -> None:
    """The owners among 1, 2, 3 and 5 shards are fixed: BLAKE2b with 8 bytes of "name/index", the highest wins."""
    assert tuple(owner(name, count) for count in (1, 2, 3, 5)) == owners


def test_a_shard_is_written_as_index_and_count() -> None:
    """0/3 is the first of three; the default is the only one, and owns everything."""
    assert Shard.parse("0/3") == Shard(0, 3)
    assert Shard.parse(" 2/3 ") == Shard(2, 3)
    assert Shard().owns("anything")


@pytest.mark.parametrize("text", ["", "1", "3/3", "0/0", "-1/3", "a/b", "1/2/3", "0 / 3", "٠/٣"])
def test_what_is_no_shard_is_refused(text: str) -> None:
    """A wrong shard would run nothing, or everything twice, so it is refused in words."""
    with pytest.raises(ValueError, match="shard"):
        Shard.parse(text)
