"""The shipped rules, their unit tests and their runbooks, as the files have them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.conftest import CHECKOUT

__all__ = ["ALERTMANAGER", "RULES", "RUNBOOKS", "TESTS", "Case", "Rule", "alerts", "cases", "records"]

Case = tuple[str, list[dict[str, Any]]]

RULES = CHECKOUT / "deploy/prometheus/rules"
TESTS = CHECKOUT / "deploy/prometheus/tests"
RUNBOOKS = CHECKOUT / "docs/runbooks"
ALERTMANAGER = CHECKOUT / "deploy/alertmanager/alertmanager.yml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: an alert, or a series that is recorded."""

    file: Path
    group: str
    name: str
    expr: str
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


@cache
def _rules() -> Mapping[str, tuple[Rule, ...]]:
    found: dict[str, list[Rule]] = {"alert": [], "record": []}
    for path in sorted(RULES.iterdir()):
        for group in yaml.safe_load(path.read_text())["groups"]:
            for rule in group["rules"]:
                kind = "alert" if "alert" in rule else "record"
                found[kind].append(
                    Rule(
                        file=path,
                        group=group["name"],
                        name=rule[kind],
                        expr=rule["expr"],
                        labels=rule.get("labels", {}),
                        annotations=rule.get("annotations", {}),
                    )
                )
    return {kind: tuple(rules) for kind, rules in found.items()}


def alerts() -> tuple[Rule, ...]:
    """Every alert."""
    return _rules()["alert"]


def records() -> tuple[Rule, ...]:
    """Every recorded series."""
    return _rules()["record"]


@cache
def cases() -> tuple[Case, ...]:
    """The alerts that the unit tests look at, each with what is expected to fire at that moment."""
    return tuple(_cases())


def _cases() -> Iterator[Case]:
    for path in sorted(TESTS.iterdir()):
        for test in yaml.safe_load(path.read_text())["tests"]:
            for case in test.get("alert_rule_test", ()):
                yield case["alertname"], case["exp_alerts"]
