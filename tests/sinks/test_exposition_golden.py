"""The whole exposition of one probe of each kind, and the catalogue, as they are committed.

``UPDATE_GOLDEN=1`` writes them anew; the difference is then for a person to read.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prober.config.rules import RESERVED_LABELS as REFUSED_LABELS
from prober.model.errors import ErrorClass
from prober.model.run import Outcome, Result
from prober.sinks.metrics.catalogue import BASE_LABELS, FAMILIES, RESERVED_LABELS
from prober.sinks.metrics.family import Family, Type
from prober.sinks.metrics.own_catalogue import OWN_FAMILIES
from tests.sinks.metrics_cases import (
    NOON,
    PAGE_LOAD,
    SECOND,
    KnownStates,
    families_of,
    metrics_of,
    phases,
    probe,
    result,
    step,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

GOLDEN = Path(__file__).parent.parent / "golden"

TRANSPORT = phases(resolve=0.002, connect=0.01, tls=0.02, request=0.001, processing=0.2, transfer=0.03)
RUNS: Mapping[str, list[Result]] = {
    "http": [
        result(seconds=0.263, phases=TRANSPORT, measures={"http_status": 200, "certificate_expiry": 1.8e9}),
        result(Outcome.SLOW, seconds=4.5, phases=TRANSPORT, measures={"http_status": 200}),
        result(Outcome.FAIL, seconds=0.05, error=ErrorClass.CONNECT_REFUSED, at_ns=NOON + 60 * SECOND),
    ],
    "page": [result(seconds=0.75, phases=(*TRANSPORT, *phases(assets=0.25, settle=0.5)), measures=PAGE_LOAD)],
    "login": [
        result(seconds=1.5, phases=TRANSPORT, steps=(step("page", 0.4), step("submit", 0.6), step("whoami", 0.5))),
        result(
            Outcome.FAIL,
            seconds=0.9,
            error=ErrorClass.AUTH_REJECTED,
            detail="bad_credentials",
            steps=(step("page", 0.3), step("submit", 0.6, error=ErrorClass.AUTH_REJECTED)),
        ),
    ],
    "chat": [
        result(
            seconds=1.25,
            phases=(*TRANSPORT, *phases(first_token=0.5, stream=0.5)),
            measures={
                "http_status": 200,
                "first_token_seconds": 0.5,
                "first_visible_token_seconds": 0.75,
                "max_gap_seconds": 0.125,
                "output_tokens_per_second": 32.0,
                "input_tokens": 20,
                "cached_tokens": 4,
                "output_tokens": 16,
                "reasoning_tokens": 10,
                "cost": 0.00001,
                "requests_remaining": 499,
                "requests_limit": 500,
                "tokens_remaining": 0,
                "tokens_limit": 30_000,
            },
        )
    ],
}


def _compare(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert text == path.read_text()


@pytest.mark.parametrize("kind", RUNS)
def test_the_exposition_of_a_kind_is_the_committed_one(kind: str) -> None:
    """All series of a probe and its service, with values; what prober says of itself differs from run to run."""
    states = KnownStates()
    states.probes["one"] = states.services["acme", "api"] = "up"
    one = probe(kind=kind)
    metrics = metrics_of(one, states=states, location="fra1", connectivity=True)
    for run in RUNS[kind]:
        metrics.record(one, run)
    metrics.skip(one, "overrun")
    of_probes, _, _ = metrics.render_now().decode().partition(f"# HELP {OWN_FAMILIES[1].name} ")
    _compare(f"{kind}.prom", of_probes)


def _labels(family: Family) -> list[str]:
    if family in FAMILIES:
        return [*BASE_LABELS, *family.own, *family.labels]
    return ["provider", "service", "location", *family.labels] if family is OWN_FAMILIES[0] else [*family.labels]


def test_the_catalogue_is_the_committed_one() -> None:
    """Every metric with its type, its labels and the kinds that have it, for whoever writes a dashboard or a rule."""
    catalogue = {
        family.name: {
            "type": family.type.value,
            "labels": _labels(family) + (["le"] if family.type is Type.HISTOGRAM else []),
            "kinds": sorted(family.kinds) if family.kinds else None,
        }
        for family in (*FAMILIES, *OWN_FAMILIES)
    }
    _compare("catalogue.json", json.dumps(catalogue, indent=2) + "\n")


def test_every_line_has_only_labels_of_the_catalogue() -> None:
    """Beside the configured ones."""
    metrics = metrics_of(*(probe(kind, kind) for kind in RUNS), location="fra1", connectivity=True)
    allowed = {family.name.removesuffix("_total"): {*_labels(family), "le"} for family in (*FAMILIES, *OWN_FAMILIES)}
    for family in families_of(metrics.render_now(openmetrics=True).decode(), openmetrics=True):
        for sample in family.samples:
            assert set(sample.labels) <= allowed[family.name] | {"team"}


@pytest.mark.parametrize("family", [*FAMILIES, *OWN_FAMILIES], ids=lambda family: family.name)
def test_names_follow_the_conventions(family: Family) -> None:
    """Counters end in _total and nothing else does; help is one sentence without characters to escape."""
    assert family.name.startswith(("prober_", "process_"))
    assert family.name.endswith("_total") == (family.type is Type.COUNTER)
    assert family.help.endswith(".")
    assert not {"\\", "\n", '"'} & set(family.help)
    assert not set(family.own) & set(family.labels)


def test_no_label_of_ours_can_be_configured() -> None:
    """Else it would be twice in one line: the configuration refuses each of them."""
    assert RESERVED_LABELS <= REFUSED_LABELS
    assert {*BASE_LABELS, "le", "result", "error_class", "model", "reason", "target"} <= RESERVED_LABELS
