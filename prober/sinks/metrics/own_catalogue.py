"""Every metric of prober itself and of its process."""

from __future__ import annotations

from prober.sinks.metrics.family import Family, Type

__all__ = [
    "BUCKETS_LOOP",
    "BUILD_INFO",
    "CONNECTIVITY",
    "CPU",
    "HISTOGRAMS",
    "LOOP_LAG",
    "MAX_FDS",
    "OPEN_FDS",
    "OWN_FAMILIES",
    "PROCESS_FAMILIES",
    "RELOAD_SUCCESSFUL",
    "RELOAD_TIMESTAMP",
    "RENDER",
    "RESIDENT_MEMORY",
    "RUNS_IN_FLIGHT",
    "SCHEDULE_DELAY",
    "SERVICE_STATE",
    "SINGLES",
    "START_TIME",
    "UNMAPPED",
    "VIRTUAL_MEMORY",
]

BUCKETS_LOOP = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds, for what our own event loop and schedule are late."""

COUNTER, GAUGE, HISTOGRAM, _ = Type

SERVICE_STATE = Family(
    "prober_service_state",
    GAUGE,
    "State of the service: 1 for the one that holds.",
    labels=("state",),
    from_start=True,
)
LOOP_LAG = Family("prober_event_loop_lag_seconds", HISTOGRAM, "How late the event loop ran what was due.")
SCHEDULE_DELAY = Family("prober_schedule_delay_seconds", HISTOGRAM, "How late runs began, after their slot.")
RUNS_IN_FLIGHT = Family("prober_runs_in_flight", GAUGE, "Runs going on now.")
CONNECTIVITY = Family(
    "prober_connectivity", GAUGE, "Whether our own network is up; no sample where connectivity is not checked."
)
RELOAD_SUCCESSFUL = Family(
    "prober_config_last_reload_successful", GAUGE, "Whether the last attempt to load the configuration succeeded."
)
RELOAD_TIMESTAMP = Family(
    "prober_config_last_reload_success_timestamp_seconds",
    GAUGE,
    "When the configuration in use was loaded, in Unix time.",
)
BUILD_INFO = Family(
    "prober_build_info", GAUGE, "Versions of prober and of Python; always 1.", labels=("version", "python")
)
UNMAPPED = Family(
    "prober_unmapped_errors_total",
    COUNTER,
    "Error codes of a provider that no rule maps to an error class.",
    labels=("provider",),
)
RENDER = Family(
    "prober_scrape_render_seconds", GAUGE, "Time that rendering the last whole scrape took from the event loop."
)

CPU = Family("process_cpu_seconds_total", COUNTER, "Total user and system CPU time spent in seconds.")
RESIDENT_MEMORY = Family("process_resident_memory_bytes", GAUGE, "Resident memory size in bytes.")
VIRTUAL_MEMORY = Family("process_virtual_memory_bytes", GAUGE, "Virtual memory size in bytes.")
START_TIME = Family("process_start_time_seconds", GAUGE, "Start time of the process since unix epoch in seconds.")
OPEN_FDS = Family("process_open_fds", GAUGE, "Number of open file descriptors.")
MAX_FDS = Family("process_max_fds", GAUGE, "Maximum number of open file descriptors.")

HISTOGRAMS = (LOOP_LAG, SCHEDULE_DELAY)
SINGLES = (RUNS_IN_FLIGHT, CONNECTIVITY, RELOAD_SUCCESSFUL, RELOAD_TIMESTAMP, BUILD_INFO, UNMAPPED, RENDER)
PROCESS_FAMILIES = (CPU, RESIDENT_MEMORY, VIRTUAL_MEMORY, START_TIME, OPEN_FDS, MAX_FDS)
OWN_FAMILIES = (SERVICE_STATE, *HISTOGRAMS, *SINGLES, *PROCESS_FAMILIES)
"""In the order in which they are exposed, after those of the probes."""
