"""What can go wrong on purpose: the faults, their document, and the ones that are set at present."""

from __future__ import annotations

from prober.simulator.faults.catalogue import KINDS, describe
from prober.simulator.faults.document import FaultError, FaultErrors
from prober.simulator.faults.fault import SURFACES, Fault, Visit
from prober.simulator.faults.store import Faults

__all__ = ["KINDS", "SURFACES", "Fault", "FaultError", "FaultErrors", "Faults", "Visit", "describe"]
