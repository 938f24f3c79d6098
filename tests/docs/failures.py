"""Tables of error classes, faults and details, from the model and from the source."""

from __future__ import annotations

from prober.model.details import DETAILS
from prober.model.errors import FAULTS, ErrorClass, Fault
from prober.web.meaning import CLASS_MEANING, CLASS_REMEDY
from tests.docs.raised import details_of

__all__ = ["class_details", "class_summary", "detail_list", "fault_table"]

_WHOSE = {
    Fault.TARGET: "theirs",
    Fault.NETWORK: "on the way between us and them",
    Fault.UNKNOWN: "not clear: theirs or on the way",
    Fault.US: "ours: key, quota, configuration, host",
    Fault.LOCAL: "our own network, while `connectivity` fails",
}
_COUNTS = {Fault.TARGET: "yes", Fault.NETWORK: "yes", Fault.UNKNOWN: "yes", Fault.US: "no", Fault.LOCAL: "no"}


def _classes_of(fault: Fault) -> list[ErrorClass]:
    wanted = Fault.NETWORK if fault is Fault.LOCAL else fault
    return [each for each in ErrorClass if FAULTS[each] is wanted]


def fault_table() -> str:
    """Whose fault each class is, and whether it counts against the service; for the page at the top."""
    lines = ["| fault | whose trouble | counts against the service | error classes |", "|---|---|---|---|"]
    for fault in Fault:
        classes = " ".join(f"[{each}](docs/classes.md#{each})" for each in _classes_of(fault))
        lines.append(f"| `{fault}` | {_WHOSE[fault]} | {_COUNTS[fault]} | {classes} |")
    return "\n".join(lines)


def class_summary() -> str:
    """Every class with its meaning, whose fault it is, and what to do."""
    lines = ["| class | means | fault | do |", "|---|---|---|---|"]
    lines += [
        f"| [{each}](#{each}) | {CLASS_MEANING[each]} | `{FAULTS[each]}` | {CLASS_REMEDY[each]} |"
        for each in ErrorClass
    ]
    return "\n".join(lines)


def class_details(name: str) -> str:
    """The details of one class."""
    details = details_of()[ErrorClass(name)]
    if not details:
        return "No probe of this version raises it."
    lines = ["| detail | |", "|---|---|"]
    lines += [f"| `{detail}` | {meaning} |" for detail, meaning in DETAILS.items() if detail in details]
    return "\n".join(lines)


def detail_list() -> str:
    """Every detail, its meaning, and the classes it comes with."""
    lines = ["| detail | meaning | comes with |", "|---|---|---|"]
    for detail, meaning in DETAILS.items():
        classes = " ".join(f"[{each}](#{each})" for each, details in details_of().items() if detail in details)
        lines.append(f"| `{detail}` | {meaning} | {classes or 'nothing yet'} |")
    return "\n".join(lines)
