"""The panels of *Prober* on its places, its configuration and what it costs."""

from __future__ import annotations

from grafana.fields import GREEN, GREY, PURPLE, RED, YELLOW, Json, column, exactly, steps
from grafana.panels import bars, lines, table, timeline
from grafana.queries import STEP, of_probers, own, own_standing, series, total
from grafana.targets import over_time, rows

__all__ = ["configuration", "places", "process", "scrapes"]


def places() -> list[Json]:
    """The probers there are, and what they could not read."""
    why = (
        "Each prober of the last day, where it stands, its version, how many probes it has, and how many of them are "
        "unknown. One that does not answer: start it. Many unknown: that place is blind, or its secrets are missing."
    )
    probes = series("prober_probe_interval_seconds")
    versions = f"group_left (version, python) {own('prober_build_info')}"
    named = f"count by (job, instance, location) ({probes}) * on (job, instance) {versions}"
    blind = total("job, instance, location", series("prober_probe_state", 'state="unknown"'))
    unmapped = (
        "Errors of a provider that no rule maps to a class, so that prober judged by the status alone. Each is in the "
        "log with its word: report it, or see whether a newer version knows it."
    )
    told = f"sum by (provider) (increase({own('prober_unmapped_errors_total')}[{STEP}]))"
    columns = {
        "instance": "instance",
        "location": "location",
        "version": "version",
        "python": "python",
        "Value #A": "probes",
        "Value #B": "unknown",
        "Value #C": "answers",
    }
    answers = [exactly(0, "no", RED), exactly(1, "yes", GREEN)]
    looks = (
        column("probes", unit="none"),
        column("unknown", unit="none", thresholds=steps(GREEN, (1, PURPLE))),
        column("answers", mappings=answers),
    )
    locations = table(
        "Locations",
        why,
        rows(named),
        rows(blind),
        rows(f"max by (job, instance) {of_probers('up')}"),
        columns={**columns, "job": "job"},
        looks=looks,
        sort="location",
        order="asc",
        nothing="no prober answers",
    )
    return [
        locations,
        bars("Unmapped errors", unmapped, over_time(told, "{{provider}}")),
    ]


def configuration() -> list[Json]:
    """Whether the configuration in use is the one on disk, and since when."""
    why = (
        "Whether the last attempt to load the configuration succeeded, one row a prober. Red: the file on disk has a "
        "mistake and the old one goes on; `prober validate` names it. Grey: no data."
    )
    age = (
        "How long the configuration in use has been loaded. If you changed it and the age went on, nobody reloaded: "
        "SIGHUP, or `POST /-/reload`."
    )
    mappings = [exactly(-2, "no data", GREY), exactly(0, "refused", RED), exactly(1, "in use", GREEN)]
    since = f"time() - {own('prober_config_last_reload_success_timestamp_seconds')}"
    return [
        timeline(
            "Reload",
            why,
            over_time(own_standing("prober_config_last_reload_successful"), "{{instance}}"),
            mappings=mappings,
            unit="none",
        ),
        lines("Age of the configuration", age, over_time(since, "{{instance}}"), unit="s"),
    ]


def scrapes() -> list[Json]:
    """What a scrape takes, and how large it is."""
    cost = (
        "What a scrape takes: of the event loop (render), and as Prometheus sees it (scrape). Near the scrape timeout "
        "samples are lost: shard, or scrape less often."
    )
    size = (
        "Samples of a scrape. It grows with probes, steps and places; a step is a new configuration. Prometheus may "
        "have a `sample_limit` below it."
    )
    taken = over_time(of_probers("scrape_duration_seconds"), "scrape {{instance}}")
    return [
        lines(
            "Cost of a scrape",
            cost,
            over_time(own("prober_scrape_render_seconds"), "render {{instance}}"),
            taken,
            unit="s",
        ),
        lines(
            "Samples of a scrape",
            size,
            over_time(of_probers("scrape_samples_scraped"), "{{instance}}"),
            unit="short",
        ),
    ]


def process() -> list[Json]:
    """CPU, memory and file descriptors."""
    cpu = "CPU cores in use. Near 1 the one event loop is full, and lag and delay grow: shard the probes."
    memory = (
        "Resident memory. A steady rise over days is a leak: report it with `/api/v1/probes`. A page in a browser adds "
        "the browser's, which is not in here."
    )
    files = (
        "Open file descriptors as a share of the limit. Near 1 no connection can be opened, and every probe fails with "
        "prober_error: raise LimitNOFILE, and look for targets that hang."
    )
    used = (
        f"rate({own('process_cpu_seconds_total')}[$__rate_interval]) and on (job, instance) {own('prober_build_info')}"
    )
    share = f"{of_probers('process_open_fds')} / {of_probers('process_max_fds')}"
    return [
        lines(
            "CPU",
            cpu,
            over_time(used, "{{instance}}"),
            unit="none",
            thresholds=steps(GREEN, (0.8, YELLOW), (0.95, RED)),
        ),
        lines("Memory", memory, over_time(of_probers("process_resident_memory_bytes"), "{{instance}}"), unit="bytes"),
        lines(
            "File descriptors",
            files,
            over_time(share, "{{instance}}"),
            unit="percentunit",
            thresholds=steps(GREEN, (0.8, RED)),
        ),
    ]
