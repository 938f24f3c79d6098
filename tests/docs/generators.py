"""Every block that is made from the code, by the name that stands in the page."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from tests.docs.alerting import alert_table
from tests.docs.commands import command_help
from tests.docs.failures import class_details, class_summary, detail_list, fault_table
from tests.docs.measurements import bucket_list, metric_table
from tests.docs.settings import settings_table
from tests.docs.simulation import error_names, fault_sections, scenario_table, shared_keys
from tests.docs.vendors import provider_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["GENERATORS"]

GENERATORS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "settings": settings_table,
        "faults": lambda _: fault_table(),
        "classes": lambda _: class_summary(),
        "details": class_details,
        "all-details": lambda _: detail_list(),
        "metrics": metric_table,
        "buckets": lambda _: bucket_list(),
        "help": command_help,
        "providers": lambda _: provider_table(),
        "simulator-faults": lambda _: fault_sections(),
        "simulator-keys": lambda _: shared_keys(),
        "simulator-errors": lambda _: error_names(),
        "alerts": alert_table,
        "scenarios": lambda _: scenario_table(),
    }
)
"""Each takes what stands behind its name in the comment that begins the block."""
