"""The words of the status page."""

from __future__ import annotations

from prober.model.errors import ErrorClass, Fault
from prober.sinks.state_rules import State
from prober.web.meaning import CLASS_MEANING, CLASS_REMEDY, FAULT_MEANING, TROUBLE


def test_everything_closed_has_words() -> None:
    """No class, fault or state is shown without a meaning, and for each class there is something to do."""
    assert set(CLASS_MEANING) == set(CLASS_REMEDY) == set(ErrorClass)
    assert set(FAULT_MEANING) == set(Fault)
    assert set(TROUBLE) == set(State)
