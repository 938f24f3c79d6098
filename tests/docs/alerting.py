"""Tables of alerts and of recorded series, from the rules and the runbooks."""

from __future__ import annotations

import re

from tests.deploy.rules import RULES, RUNBOOKS, Rule, alerts

__all__ = ["alert_table", "meaning"]


def meaning(alert: Rule) -> str:
    """The first sentence of its runbook's section on what it means."""
    text = (RUNBOOKS / f"{alert.name}.md").read_text()
    section = re.search(r"^## Meaning\n\n(.*?)\n\n", text, re.MULTILINE | re.DOTALL)
    assert section, alert.name
    return re.split(r"(?<=[.:]) ", " ".join(section[1].split()))[0].rstrip(":").rstrip(".") + "."


def alert_table(group: str) -> str:
    """The alerts of one rule file: severity, fault, what it means, and the way to its runbook."""
    lines = ["| alert | severity | fault | |", "|---|---|---|---|"]
    for alert in alerts():
        if alert.file == RULES / f"{group}.yml":
            severity, fault = alert.labels["severity"], alert.labels["fault"]
            link = f"[{alert.name}](runbooks/{alert.name}.md)"
            lines.append(f"| {link} | {severity} | {fault} | {meaning(alert)} |")
    return "\n".join(lines)
