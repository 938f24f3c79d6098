"""The body of a Chat Completions request, checked as OpenAI checks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.simulator.errors import ERRORS, Refusal
from prober.simulator.protocols.openai_chat import ChatRequest
from prober.simulator.protocols.openai_parameters import (
    at_least,
    boolean,
    check_sampling,
    effort,
    invalid,
    wrong_type,
)
from prober.simulator.protocols.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.simulator.answer import Question
    from prober.simulator.settings import Model

__all__ = ["read"]

_PARAMETERS = frozenset(
    [
        "messages",
        "model",
        "audio",
        "frequency_penalty",
        "function_call",
        "functions",
        "logit_bias",
        "logprobs",
        "max_completion_tokens",
        "max_tokens",
        "metadata",
        "modalities",
        "moderation",
        "n",
        "parallel_tool_calls",
        "prediction",
        "presence_penalty",
        "prompt_cache_key",
        "prompt_cache_options",
        "prompt_cache_retention",
        "reasoning_effort",
        "response_format",
        "safety_identifier",
        "seed",
        "service_tier",
        "stop",
        "store",
        "stream",
        "stream_options",
        "temperature",
        "tool_choice",
        "tools",
        "top_logprobs",
        "top_p",
        "user",
        "verbosity",
        "web_search_options",
    ]
)
_LEAST_OF_REASONING = 4
"""Below so many tokens a reasoning model refuses to begin."""
_ROLES = ("developer", "system", "user", "assistant", "tool", "function")


def read(body: Mapping[str, object], model: Model, kind: type[ChatRequest] = ChatRequest) -> ChatRequest:
    """What is asked, and how the answer is to be sent. Raises the API's 400 for the first thing that is wrong."""
    for name in body:
        if name not in _PARAMETERS:
            raise invalid(f"Unrecognized request argument supplied: {name}", None)
    stream = boolean(body, "stream")
    options = body.get("stream_options")
    if options is not None and not stream:
        raise invalid("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options")
    if options is not None and not isinstance(options, dict):
        raise wrong_type("stream_options", "an object", options)
    options = options or {}
    return kind(
        question=_question(body, model),
        stream=stream,
        include_usage=boolean(options, "include_usage"),
        include_obfuscation=options.get("include_obfuscation") is not False,
    )


def _question(body: Mapping[str, object], model: Model) -> Question:
    turns = _messages(body)
    check_sampling(body)
    if body.get("n") not in (None, 1):
        raise invalid(
            "Unsupported value: 'n' does not support values other than 1 with this model.", "n", "unsupported_value"
        )
    limit = _limit(body, model)
    thinks = effort(body.get("reasoning_effort"), model, "reasoning_effort") != "none"
    if model.reasoning and limit is not None and limit < _LEAST_OF_REASONING:
        named = ERRORS["openai.output_limit"]
        raise Refusal(named.status, named.json)
    return turns.question(model, limit=limit, thinks=thinks)


def _messages(body: Mapping[str, object]) -> Turns:
    """The texts of all messages, and the last user's."""
    messages = body.get("messages")
    if messages is None:
        raise invalid("Missing required parameter: 'messages'.", "messages", "missing_required_parameter")
    if not isinstance(messages, list):
        raise wrong_type("messages", "an array of objects", messages)
    if not messages:
        raise invalid(
            "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
            "messages",
            "empty_array",
        )
    return Turns(_message(message, f"messages[{index}]") for index, message in enumerate(messages))


def _message(message: object, path: str) -> tuple[str, str]:
    if not isinstance(message, dict):
        raise wrong_type(path, "an object", message)
    role = message.get("role")
    if role not in _ROLES:
        known = ", ".join(f"'{each}'" for each in _ROLES)
        raise invalid(f"Invalid value: '{role}'. Supported values are: {known}.", f"{path}.role", "invalid_value")
    content = message.get("content")
    if isinstance(content, str):
        return str(role), content
    if isinstance(content, list) and all(
        isinstance(part, dict) and isinstance(part.get("type"), str) for part in content
    ):
        return str(role), "".join(str(part.get("text", "")) for part in content)
    if content is None and role == "assistant":
        return str(role), ""
    raise wrong_type(f"{path}.content", "one of a string or array of objects", content)


def _limit(body: Mapping[str, object], model: Model) -> int | None:
    if model.reasoning and body.get("max_tokens") is not None:
        raise invalid(
            "Unsupported parameter: 'max_tokens' is not supported with this model. "
            "Use 'max_completion_tokens' instead.",
            "max_tokens",
            "unsupported_parameter",
        )
    limit = at_least(body, "max_completion_tokens", 1)
    return limit if limit is not None else at_least(body, "max_tokens", 1)
