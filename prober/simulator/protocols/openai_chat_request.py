"""The body of a Chat Completions request, checked as OpenAI checks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.simulator.answer import Question, count_tokens
from prober.simulator.errors import ApiError
from prober.simulator.protocols.openai_chat import ChatRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.simulator.settings import Model

__all__ = ["question", "wanted"]

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
_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
_ROLES = ("developer", "system", "user", "assistant", "tool", "function")
_RANGES = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "frequency_penalty": (-2, 2),
    "presence_penalty": (-2, 2),
}


def wanted(body: Mapping[str, object]) -> ChatRequest:
    """How the answer is to be sent."""
    stream = _boolean(body, "stream")
    options = body.get("stream_options")
    if options is not None and not stream:
        raise _invalid("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options")
    if options is not None and not isinstance(options, dict):
        raise _wrong_type("stream_options", "an object", options)
    options = options or {}
    return ChatRequest(
        stream=stream,
        include_usage=_boolean(options, "include_usage"),
        include_obfuscation=options.get("include_obfuscation") is not False,
    )


def question(body: Mapping[str, object], model: Model) -> Question:
    """What is asked. Raises the API's 400 for the first parameter that is wrong."""
    for name in body:
        if name not in _PARAMETERS:
            raise _invalid(f"Unrecognized request argument supplied: {name}", None)
    text, prompt_tokens = _messages(body)
    for name, (low, high) in _RANGES.items():
        _number(body, name, low, high)
    if body.get("n") not in (None, 1):
        raise _invalid(
            "Unsupported value: 'n' does not support values other than 1 with this model.", "n", "unsupported_value"
        )
    limit = _limit(body, model)
    return Question(
        model=model.id, text=text, prompt_tokens=prompt_tokens, limit=limit, thinks=_effort(body, model) != "none"
    )


def _messages(body: Mapping[str, object]) -> tuple[str, int]:
    """The last user's text, and how many tokens all messages are."""
    messages = body.get("messages")
    if messages is None:
        raise _invalid("Missing required parameter: 'messages'.", "messages", "missing_required_parameter")
    if not isinstance(messages, list):
        raise _wrong_type("messages", "an array of objects", messages)
    if not messages:
        raise _invalid(
            "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
            "messages",
            "empty_array",
        )
    last, tokens = "", 3
    for index, message in enumerate(messages):
        role, text = _message(message, f"messages[{index}]")
        tokens += 4 + count_tokens(text)
        if role == "user":
            last = text
    return last, tokens


def _message(message: object, path: str) -> tuple[str, str]:
    if not isinstance(message, dict):
        raise _wrong_type(path, "an object", message)
    role = message.get("role")
    if role not in _ROLES:
        known = ", ".join(f"'{each}'" for each in _ROLES)
        raise _invalid(f"Invalid value: '{role}'. Supported values are: {known}.", f"{path}.role", "invalid_value")
    content = message.get("content")
    if isinstance(content, str):
        return str(role), content
    if isinstance(content, list) and all(
        isinstance(part, dict) and isinstance(part.get("type"), str) for part in content
    ):
        return str(role), "".join(str(part.get("text", "")) for part in content)
    if content is None and role == "assistant":
        return str(role), ""
    raise _wrong_type(f"{path}.content", "one of a string or array of objects", content)


def _limit(body: Mapping[str, object], model: Model) -> int | None:
    if model.reasoning and body.get("max_tokens") is not None:
        raise _invalid(
            "Unsupported parameter: 'max_tokens' is not supported with this model. "
            "Use 'max_completion_tokens' instead.",
            "max_tokens",
            "unsupported_parameter",
        )
    for name in ("max_completion_tokens", "max_tokens"):
        value = body.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int):
            raise _wrong_type(name, "an integer", value)
        if value < 1:
            message = f"Invalid '{name}': integer below minimum value. Expected a value >= 1, but got {value} instead."
            raise _invalid(message, name, "integer_below_min_value")
        return value
    return None


def _effort(body: Mapping[str, object], model: Model) -> str:
    effort = body.get("reasoning_effort")
    if effort is None:
        return "medium" if model.reasoning else "none"
    if effort not in _EFFORTS:
        known = ", ".join(f"'{each}'" for each in _EFFORTS)
        raise _invalid(
            f"Invalid value: '{effort}'. Supported values are: {known}.", "reasoning_effort", "invalid_value"
        )
    if not model.reasoning and effort != "none":
        raise _invalid(
            "Unsupported parameter: 'reasoning_effort' is not supported with this model.",
            "reasoning_effort",
            "unsupported_parameter",
        )
    return str(effort)


def _boolean(body: Mapping[str, object], name: str) -> bool:
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise _wrong_type(name, "a boolean", value)
    return bool(value)


def _number(body: Mapping[str, object], name: str, low: float, high: float) -> None:
    value = body.get(name)
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong_type(name, "a decimal", value)
    if value > high:
        message = f"Invalid '{name}': decimal above maximum value. Expected a value <= {high}, but got {value} instead."
        raise _invalid(message, name, "decimal_above_max_value")
    if value < low:
        message = f"Invalid '{name}': decimal below minimum value. Expected a value >= {low}, but got {value} instead."
        raise _invalid(message, name, "decimal_below_min_value")


def _wrong_type(path: str, expected: str, value: object) -> ApiError:
    got = (
        "null" if value is None else {"str": "a string", "int": "an integer"}.get(type(value).__name__, "another type")
    )
    return _invalid(f"Invalid type for '{path}': expected {expected}, but got {got} instead.", path, "invalid_type")


def _invalid(message: str, param: str | None, code: str | None = None) -> ApiError:
    return ApiError(400, message, param=param, code=code)
