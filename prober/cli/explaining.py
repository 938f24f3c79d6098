"""The plain steps that a probe comes to, for ``prober check --explain``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.config import dump_items
from prober.probes.bearer import AuthorizedSettings
from prober.probes.login import JourneyProbe
from prober.probes.step import Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prober.model.probe import Probe

__all__ = ["explained"]


def explained(probe: Probe, secrets: Iterable[str]) -> str:
    """What the probe does, as YAML that could stand in the file, without secrets."""
    if probe.disabled is not None:
        return f"# {probe.name} is disabled: {probe.disabled}\n"
    settings, secrets = probe.settings, tuple(secrets)
    lines = [f"# {probe.name} ({probe.kind.name})"]
    if isinstance(settings, JourneyProbe):
        lines += [f"# {note}" for note in _notes(settings)]
        lines.append("steps:\n" + dump_items(settings.sequence, Step, secrets).rstrip())
        if settings.finally_:
            lines.append("finally:\n" + dump_items(settings.finally_, Step, secrets).rstrip())
    elif isinstance(settings, AuthorizedSettings) and settings.auth is not None:
        lines.append("# before a run, and outside its time, unless there is a token that is still good:")
        token = Step(name="token", oauth2=settings.auth.oauth2)
        lines.append("before:\n" + dump_items([token], Step, secrets).rstrip())
    else:
        lines.append("# has no steps: its settings, as /config shows them, are all there is")
    return "\n".join(lines) + "\n"


def _notes(settings: JourneyProbe) -> Iterator[str]:
    if settings.oidc is not None:
        yield "the steps whose names begin with oidc- stand for `oidc`"
    if settings.session == "reuse":
        whoami = next(step.name for step in settings.steps if step.role == "whoami")
        yield f"while its session is kept it begins at {whoami}, and signs in again only when that fails"
