"""The body of an Interactions request, checked as Google checks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.simulator.dialects import INTERACTIONS, Trouble
from prober.simulator.errors import Refusal
from prober.simulator.protocols.gemini_interactions import InteractionRequest
from prober.simulator.protocols.turns import Turns, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from prober.simulator.settings import Model

__all__ = ["read"]

_PARAMETERS = frozenset(
    [
        "background",
        "cached_content",
        "continuation_token",
        "environment",
        "generation_config",
        "input",
        "labels",
        "model",
        "previous_interaction_id",
        "response_format",
        "response_mime_type",
        "response_modalities",
        "safety_settings",
        "service_tier",
        "store",
        "stream",
        "system_instruction",
        "tools",
        "webhook_config",
    ]
)
_LEVELS = ("minimal", "low", "medium", "high", "xhigh")
_ROLES = {"user_input": "user", "model_output": "model"}


def read(body: Mapping[str, object], model: Model) -> InteractionRequest:
    """What is asked, and how the answer is to be sent. Raises the API's 400 for the first thing that is wrong."""
    for name in body:
        if name not in _PARAMETERS:
            message = f"Unknown parameter '{name}'."
            raise Refusal(400, {"error": {"code": "parameter_unknown", "message": message}})
    config = body.get("generation_config") or {}
    if not isinstance(config, dict):
        raise _invalid("The value of 'generation_config' must be an object.")
    limit = config.get("max_output_tokens")
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
        raise _invalid(f"The value '{limit!s:.50}' is not supported for 'generation_config.max_output_tokens'.")
    store, background = _boolean(body, "store", default=True), _boolean(body, "background", default=False)
    if background and not store:
        raise _invalid("A background interaction has to be stored.")
    return InteractionRequest(
        question=Turns(_turns(body)).question(model, limit=limit, thinks=_thinks(config, model)),
        stream=_boolean(body, "stream", default=False),
        summarized=config.get("thinking_summaries") == "auto",
        store=store,
        background=background,
    )


def _turns(body: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """The roles and texts of the input: a text, a content, or a list of contents or of steps."""
    if isinstance(body.get("system_instruction"), str):
        yield "system", str(body["system_instruction"])
    given = body.get("input")
    if isinstance(given, str) and given:
        yield "user", given
        return
    if isinstance(given, dict):
        given = [given]
    if not isinstance(given, list) or not given:
        raise _invalid("The value of 'input' is missing or is not supported.")
    for index, item in enumerate(given):
        if not isinstance(item, dict) or not isinstance(item.get("type"), str):
            raise _invalid(f"The value is not supported for 'input[{index}]'.")
        text = text_of(item.get("content", []))
        yield _ROLES.get(str(item["type"]), "user"), text or str(item.get("text", ""))


def _thinks(config: Mapping[str, object], model: Model) -> bool:
    level = config.get("thinking_level")
    if level is not None and level not in _LEVELS:
        raise _invalid(f"The value '{level!s:.50}' is not supported for 'generation_config.thinking_level'.")
    if level not in {None, "minimal"} and not model.reasoning:
        raise _invalid(f"The model '{model.id}' does not support thinking.")
    return model.reasoning and level != "minimal"


def _boolean(body: Mapping[str, object], name: str, *, default: bool) -> bool:
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise _invalid(f"The value '{value!s:.50}' is not supported for '{name}'.")
    return default if value is None else value


def _invalid(message: str) -> Refusal:
    return INTERACTIONS.refusal(Trouble.INVALID, message)
