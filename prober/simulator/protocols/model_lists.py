"""The models of a company, listed and described as each API does it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from prober.simulator.dialects import ANTHROPIC, GEMINI, Dialect

if TYPE_CHECKING:
    from prober.simulator.company import Company
    from prober.simulator.settings import Model

__all__ = ["described", "listed"]


def listed(dialect: Dialect, company: Company) -> dict[str, object]:
    """All models; Anthropic's and Google's lists have only those that chat."""
    models = [model for model in company.models.values() if dialect not in {ANTHROPIC, GEMINI} or model.kind == "chat"]
    data = [described(dialect, company, model) for model in models]
    if dialect is GEMINI:
        return {"models": data}
    if dialect is ANTHROPIC:
        ends = {"first_id": data[0]["id"], "last_id": data[-1]["id"]} if data else {"first_id": None, "last_id": None}
        return {"data": data, "has_more": False, **ends}
    return {"object": "list", "data": data}


def described(dialect: Dialect, company: Company, model: Model) -> dict[str, object]:
    """One model."""
    if dialect is GEMINI:
        return _by_google(model)
    return _by_anthropic(company, model) if dialect is ANTHROPIC else _by_openai(company, model)


def _by_openai(company: Company, model: Model) -> dict[str, object]:
    found: dict[str, object] = {
        "id": model.id,
        "object": "model",
        "created": company.created_at,
        "owned_by": company.provider.name,
    }
    return found if model.shutdown_date is None else {**found, "shutdown_date": model.shutdown_date}


def _by_anthropic(company: Company, model: Model) -> dict[str, object]:
    """A model that is to be shut down was deprecated when the company began."""
    began = dt.datetime.fromtimestamp(company.created_at, dt.UTC).isoformat().replace("+00:00", "Z")
    ends = model.shutdown_date
    return {
        "type": "model",
        "id": model.id,
        "display_name": _title(model),
        "created_at": began,
        "lifecycle": "deprecated" if ends else "active",
        "deprecated_at": began if ends else None,
        "retires_at": f"{ends}T00:00:00Z" if ends else None,
    }


def _by_google(model: Model) -> dict[str, object]:
    return {
        "name": f"models/{model.id}",
        "displayName": _title(model),
        "inputTokenLimit": 1_048_576,
        "outputTokenLimit": 65_536,
        "supportedGenerationMethods": ["generateContent", "countTokens"],
        "thinking": model.reasoning,
    }


def _title(model: Model) -> str:
    return model.id.replace("-", " ").title()
