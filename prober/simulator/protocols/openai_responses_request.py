"""The body of a Responses request, checked as OpenAI checks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.simulator.protocols.openai_parameters import (
    at_least,
    boolean,
    check_sampling,
    effort,
    invalid,
    wrong_type,
)
from prober.simulator.protocols.openai_responses import ResponseRequest
from prober.simulator.protocols.turns import Turns, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from prober.simulator.settings import Model

__all__ = ["read"]

_PARAMETERS = frozenset(
    [
        "access_programs",
        "background",
        "background_options",
        "context_management",
        "conversation",
        "image",
        "include",
        "input",
        "instructions",
        "max_output_tokens",
        "max_tool_calls",
        "metadata",
        "model",
        "moderation",
        "parallel_tool_calls",
        "previous_response_id",
        "prompt",
        "prompt_cache_key",
        "prompt_cache_options",
        "prompt_cache_retention",
        "reasoning",
        "safety_identifier",
        "service_tier",
        "store",
        "stream",
        "stream_options",
        "temperature",
        "text",
        "tool_choice",
        "tools",
        "top_logprobs",
        "top_p",
        "truncation",
        "user",
    ]
)
_LEAST_OUTPUT = 16


def read(body: Mapping[str, object], model: Model) -> ResponseRequest:
    """What is asked, and how the answer is to be sent. Raises the API's 400 for the first thing that is wrong."""
    for name in body:
        if name not in _PARAMETERS:
            raise invalid(f"Unknown parameter: '{name}'.", name, "unknown_parameter")
    turns = Turns(_turns(body))
    check_sampling(body)
    limit = at_least(body, "max_output_tokens", _LEAST_OUTPUT)
    reasoning = body.get("reasoning") or {}
    if not isinstance(reasoning, dict):
        raise wrong_type("reasoning", "an object", reasoning)
    how_hard = effort(reasoning.get("effort"), model, "reasoning.effort")
    store, background = body.get("store") is not False, boolean(body, "background")
    if background and not store:
        raise invalid("background cannot be used with store=false.", "background", "invalid_value")
    return ResponseRequest(
        question=turns.question(model, limit=limit, thinks=how_hard != "none"),
        stream=boolean(body, "stream"),
        settings=_repeated(
            body, {"effort": how_hard if model.reasoning else None, "summary": reasoning.get("summary")}
        ),
        summarized=reasoning.get("summary") is not None,
        store=store,
        background=background,
    )


def _repeated(body: Mapping[str, object], reasoning: Mapping[str, object]) -> dict[str, object]:
    return {
        "instructions": body.get("instructions"),
        "max_output_tokens": body.get("max_output_tokens"),
        "metadata": body.get("metadata") or {},
        "previous_response_id": body.get("previous_response_id"),
        "reasoning": reasoning,
        "temperature": body.get("temperature", 1.0),
        "text": body.get("text") or {"format": {"type": "text"}},
        "top_p": body.get("top_p", 1.0),
        "user": body.get("user"),
    }


def _turns(body: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """The roles and texts of the input, which is a text or a list of items."""
    if isinstance(body.get("instructions"), str):
        yield "developer", str(body["instructions"])
    given = body.get("input")
    if given is None:
        raise invalid("Missing required parameter: 'input'.", "input", "missing_required_parameter")
    if isinstance(given, str):
        yield "user", given
        return
    if not isinstance(given, list):
        raise wrong_type("input", "one of a string or array of input items", given)
    for index, item in enumerate(given):
        text = text_of(item.get("content")) if isinstance(item, dict) else None
        if text is None and (not isinstance(item, dict) or item.get("type", "message") == "message"):
            raise wrong_type(f"input[{index}]", "an input item", item)
        yield str(item.get("role", "")), text or ""
