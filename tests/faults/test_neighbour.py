"""Fifty probes that meet a fault leave their healthy neighbour alone; how much slower it gets, the bench measures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.neighbour import EVERY_FAULT, beside

if TYPE_CHECKING:
    from tests.faults.case import Case
    from tests.target.zoo import Zoo

_GREEDY = (
    *("black-hole", "hang", "slow-loris", "informational-flood", "cookie-flood", "endless", "endless-chunks"),
    *("gzip-bomb", "gzip-members", "redirect-loop", "chat-flood", "chat-no-newline", "chat-deep-json"),
)
"""The faults that take most of what runs share: the loop, memory, sockets, the resolver."""


@pytest.mark.parametrize("case", [case for case in EVERY_FAULT if case.fault in _GREEDY], ids=str)
def test_fifty_faults_leave_the_neighbour_alone(case: Case, zoo: Zoo) -> None:
    """Beside fifty probes of one fault every run of a healthy target is well."""
    assert beside(case, zoo) > 0
