"""What a simulator refuses to be."""

from __future__ import annotations

import dataclasses

import pytest

from prober.simulator.settings import MAGPIE, PARROT, Provider, SimulatorSettings


@pytest.mark.parametrize(
    ("providers", "message"),
    [
        ((), "at least one provider"),
        ((PARROT, dataclasses.replace(MAGPIE, name="parrot")), "same name"),
        ((PARROT, dataclasses.replace(MAGPIE, prefix="")), "same prefix"),
    ],
    ids=["none", "names", "prefixes"],
)
def test_providers_are_told_apart(providers: tuple[Provider, ...], message: str) -> None:
    """By name and by prefix."""
    with pytest.raises(ValueError, match=message):
        SimulatorSettings(providers=providers)
