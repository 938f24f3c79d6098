"""The faults that are set at present."""

from __future__ import annotations

import copy
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from prober.simulator.faults.document import parse
from prober.simulator.faults.fault import Fault, Visit

__all__ = ["Active", "Faults"]


@dataclass(frozen=True, slots=True)
class Active:
    """A fault and when it was set: on the monotonic clock, and as Unix time."""

    fault: Fault
    since: float
    at: float


class Faults:
    """What goes wrong at the moment, by provider and surface. ``providers[0]`` is meant by unqualified surfaces."""

    def __init__(
        self,
        providers: Sequence[str] = ("parrot", "magpie"),
        *,
        seed: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.providers = tuple(providers)
        self.random = random.Random(seed)  # noqa: S311 - it decides which request fails, and guards nothing
        self._clock = clock
        self._document: dict[str, object] = {}
        self._active: dict[tuple[str, str], tuple[Active, ...]] = {}

    @property
    def document(self) -> dict[str, object]:
        """The document that is in force, as it was given."""
        return copy.deepcopy(self._document)

    def replace(self, document: object) -> None:
        """Set these faults and no others. Raises FaultErrors and changes nothing if the document has a mistake."""
        parsed = parse(document, self.providers)
        self._document.clear()
        self._active.clear()
        self._set(document, parsed)

    def update(self, document: object) -> None:
        """Set the faults of the surfaces that the document names, and leave the others; an empty list clears one."""
        parsed = parse(document, self.providers)
        changed = set(map(self._place, parsed))
        for target in [each for each in self._document if self._place(each) in changed]:
            del self._document[target]
        self._set(document, parsed)
        self._document = {target: faults for target, faults in self._document.items() if faults}

    def clear(self) -> None:
        """All is well again."""
        self.replace({})

    def striking(self, provider: str, surface: str, visit: Visit) -> list[Active]:
        """The faults that strike this visit; those with a probability are decided by a toss."""
        active = self._active.get((provider, surface), ())
        return [each for each in active if each.fault.strikes(visit) and self._toss(each.fault.probability)]

    def _toss(self, probability: float) -> bool:
        return probability >= 1.0 or self.random.random() < probability

    def _place(self, target: str) -> tuple[str, str]:
        provider, _, surface = target.rpartition("/")
        return provider or self.providers[0], surface

    def _set(self, document: object, parsed: Mapping[str, tuple[Fault, ...]]) -> None:
        assert isinstance(document, Mapping)
        since, at = self._clock(), time.time()
        for target, faults in parsed.items():
            self._active[self._place(target)] = tuple(Active(fault, since, at) for fault in faults)
            self._document[target] = copy.deepcopy(document[target])
