"""The body of a Messages request, checked as Anthropic checks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.simulator.dialects import ANTHROPIC, Trouble
from prober.simulator.protocols.anthropic_messages import MessageRequest
from prober.simulator.protocols.turns import Turns, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from prober.simulator.errors import Refusal
    from prober.simulator.settings import Model

__all__ = ["VERSIONS", "read", "turns"]

VERSIONS = ("2023-06-01", "2026-10-21")
"""The API's versions, the one without sampling parameters last."""

_PARAMETERS = frozenset(
    [
        "cache_control",
        "container",
        "diagnostics",
        "inference_geo",
        "max_tokens",
        "messages",
        "metadata",
        "model",
        "output_config",
        "service_tier",
        "speed",
        "stop_sequences",
        "stream",
        "system",
        "temperature",
        "thinking",
        "tool_choice",
        "tools",
        "top_k",
        "top_p",
        "user_profile_id",
        "workspace_id",
    ]
)
_SAMPLING = ("temperature", "top_p", "top_k")
_EFFORTS = ("low", "medium", "high", "xhigh", "max")
_LEAST_BUDGET = 1024


def read(body: Mapping[str, object], model: Model, version: str) -> MessageRequest:
    """What is asked, and how the answer is to be sent. Raises the API's 400 for the first thing that is wrong."""
    for name in body:
        if name not in _PARAMETERS:
            raise _invalid(f"{name}: Extra inputs are not permitted")
        if name in _SAMPLING:
            _check_sampling(name, body[name], version)
    limit = _whole_number(body, "max_tokens")
    stream = body.get("stream")
    if stream is not None and not isinstance(stream, bool):
        raise _invalid("stream: Input should be a valid boolean")
    asked = turns(body)
    thinking = _thinking(body, model, limit)
    _check_effort(body)
    return MessageRequest(
        question=asked.question(model, limit=limit, thinks=thinking.get("type") != "disabled"),
        stream=bool(stream),
        summarized=thinking.get("display") == "summarized",
    )


def turns(body: Mapping[str, object]) -> Turns:
    """The system's text and the messages. Raises the API's 400 if they are not such."""
    messages = body.get("messages")
    if messages is None:
        raise _invalid("messages: Field required")
    if not isinstance(messages, list):
        raise _invalid("messages: Input should be a valid list")
    if not messages:
        raise _invalid("messages: at least one message is required")
    found = Turns(_turns(body.get("system"), messages))
    if messages[-1]["role"] == "assistant":
        raise _invalid(
            "This model does not support assistant message prefill. The conversation must end with a user message."
        )
    return found


def _turns(system: object, messages: list[object]) -> Iterator[tuple[str, str]]:
    if system is not None:
        text = text_of(system)
        if text is None:
            raise _invalid("system: Input should be a valid string")
        yield "system", text
    for index, message in enumerate(messages):
        if not isinstance(message, dict):
            raise _invalid(f"messages.{index}: Input should be a valid dictionary")
        role, text = message.get("role"), text_of(message.get("content"))
        if role not in {"user", "assistant", "system"}:
            raise _invalid(f"messages.{index}.role: Input should be 'user', 'assistant' or 'system'")
        if text is None:
            raise _invalid(f"messages.{index}.content: Input should be a valid string")
        if not text and role == "user":
            raise _invalid(f"messages.{index}: user messages must have non-empty content")
        yield str(role), text


def _check_sampling(name: str, value: object, version: str) -> None:
    if version == VERSIONS[-1]:
        raise _invalid(f"{name}: not supported in API version {version}")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _invalid(f"{name}: Input should be a valid number")
    if name != "top_k" and not 0 <= value <= 1:
        raise _invalid(f"{name}: range: 0..1")


def _check_effort(body: Mapping[str, object]) -> None:
    config = body.get("output_config")
    effort = config.get("effort") if isinstance(config, dict) else None
    if effort is not None and effort not in _EFFORTS:
        raise _invalid("output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'")


def _thinking(body: Mapping[str, object], model: Model, limit: int) -> Mapping[str, object]:
    """How it thinks: a reasoning model by default, another one not at all."""
    thinking = body.get("thinking")
    if thinking is None:
        return {"type": "adaptive" if model.reasoning else "disabled"}
    if not isinstance(thinking, dict):
        raise _invalid("thinking: Input should be a valid dictionary")
    match thinking.get("type"):
        case "disabled":
            pass
        case "enabled" | "adaptive" | "between_tools" if not model.reasoning:
            raise _invalid(f"thinking: {model.id} does not support thinking")
        case "enabled":
            if _whole_number(thinking, "budget_tokens", "thinking.enabled.") < _LEAST_BUDGET:
                raise _invalid("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024")
            if _whole_number(thinking, "budget_tokens") >= limit:
                raise _invalid("`max_tokens` must be greater than `thinking.budget_tokens`.")
        case "adaptive" | "between_tools":
            pass
        case _:
            raise _invalid("thinking: Input tag found does not match any of the expected tags")
    return thinking


def _whole_number(body: Mapping[str, object], name: str, path: str = "") -> int:
    value = body.get(name)
    if value is None:
        raise _invalid(f"{path}{name}: Field required")
    if isinstance(value, bool) or not isinstance(value, int):
        raise _invalid(f"{path}{name}: Input should be a valid integer")
    if value < 0:
        raise _invalid(f"{path}{name}: must be greater than or equal to 0")
    return value


def _invalid(message: str) -> Refusal:
    return ANTHROPIC.refusal(Trouble.INVALID, message)
