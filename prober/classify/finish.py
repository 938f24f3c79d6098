"""What a finish reason means: a complete answer, or why the answer is not one."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from prober.classify.verdict import Rule, Verdict, printable
from prober.model.details import DETAILS
from prober.model.errors import ErrorClass

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Ending", "blocked", "finish"]

_LENGTH = Rule(ErrorClass.OUTPUT_TRUNCATED, "length")
_FILTERED = Rule(ErrorClass.CONTENT_FILTERED, "output")
_PROMPT = Rule(ErrorClass.CONTENT_FILTERED, "prompt")
_REFUSAL = Rule(ErrorClass.CONTENT_FILTERED, "refusal")
_ERROR = Rule(ErrorClass.SERVER_ERROR, "error_event")
_INTERNAL = Rule(ErrorClass.SERVER_ERROR, "internal")
_CANCELLED = Rule(ErrorClass.SERVER_ERROR, "cancelled")
_UNSAID = Rule(ErrorClass.SERVER_ERROR, "other")
_UNFINISHED = Rule(ErrorClass.UNEXPECTED_RESPONSE, "status")  # the status of an answer that is still to come
_NO_OUTPUT = Rule(ErrorClass.EMPTY_RESPONSE, "no_text")
_CAPACITY = Rule(ErrorClass.OVERLOADED, "capacity")

_Reasons = dict[str, Rule | None]

_RESPONSES: _Reasons = {
    "completed": None,
    "incomplete": _LENGTH,
    "incomplete:max_output_tokens": _LENGTH,
    "incomplete:max_messages": _LENGTH,
    "incomplete:content_filter": _FILTERED,
    "incomplete:steered": _CANCELLED,
    "refusal": _REFUSAL,
    "failed": _INTERNAL,
    "cancelled": _CANCELLED,
    **dict.fromkeys(("queued", "in_progress"), _UNFINISHED),
}

_ANTHROPIC: _Reasons = {
    **dict.fromkeys(("end_turn", "stop_sequence", "tool_use", "pause_turn"), None),
    "max_tokens": _LENGTH,
    "model_context_window_exceeded": _LENGTH,
    "refusal": _REFUSAL,
}

_GEMINI: _Reasons = {
    "stop": None,
    "max_tokens": _LENGTH,
    "continuation": _LENGTH,
    **dict.fromkeys(
        (
            "safety",
            "recitation",
            "language",
            "blocklist",
            "prohibited_content",
            "spii",
            "image_safety",
            "image_prohibited_content",
            "image_recitation",
            "escalation",
            "model_armor",
        ),
        _FILTERED,
    ),
    "no_image": _NO_OUTPUT,
    **dict.fromkeys(("other", "image_other"), _UNSAID),
    **dict.fromkeys(
        ("malformed_response", "malformed_function_call", "unexpected_tool_call", "too_many_tool_calls"), _INTERNAL
    ),
    "missing_thought_signature": Rule(ErrorClass.REQUEST_REJECTED, "parameter"),
    "pup_limited_disabled": Rule(ErrorClass.ACCESS_DENIED, "on_hold"),
}

_OPENAI_CHAT: _Reasons = {
    **_GEMINI,  # Google's compatible API, and gateways, hand on what the model's own API said
    **_ANTHROPIC,
    **dict.fromkeys(("stop", "tool_calls", "function_call", "eos", "eos_token", "end_turn"), None),
    "length": _LENGTH,
    "model_length": _LENGTH,  # Mistral
    "content_filter": _FILTERED,
    "error": _ERROR,  # OpenRouter, Mistral
    "abort": _CANCELLED,  # vLLM, SGLang
    "insufficient_system_resource": _CAPACITY,  # DeepSeek
}

_INTERACTIONS: _Reasons = {
    "completed": None,
    "incomplete": _LENGTH,
    "requires_continuation": _LENGTH,
    "budget_exceeded": Rule(ErrorClass.QUOTA_EXHAUSTED, "spend_limit"),
    "failed": _INTERNAL,
    "cancelled": _CANCELLED,
    # An action is the work of a tool, and we offer none.
    **dict.fromkeys(("queued", "in_progress", "requires_action"), _UNFINISHED),
}

_OLLAMA: _Reasons = {"stop": None, "load": _NO_OUTPUT, "unload": _NO_OUTPUT, "length": _LENGTH}

_PROTOCOLS: Mapping[str, _Reasons] = MappingProxyType(
    {
        "openai-chat": _OPENAI_CHAT,
        "azure-openai": _OPENAI_CHAT,
        "openai-responses": _RESPONSES,
        "openai-background": _RESPONSES,
        "anthropic": _ANTHROPIC,
        "gemini": _GEMINI,
        "gemini-interactions": _INTERACTIONS,
        "gemini-background": _INTERACTIONS,
        "ollama": _OLLAMA,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How an answer ended: ``failure`` is None for a complete one; ``unmapped`` is a reason that no table knows."""

    failure: Verdict | None = None
    unmapped: str | None = None


def finish(protocol: str, reason: str) -> Ending:
    """What a finish reason means, or a status that ends an answer, as ``incomplete:max_output_tokens``.

    An unknown reason is complete: whether the answer is one is then up to its text.
    """
    word = reason.strip().lower()
    reasons = _PROTOCOLS.get(protocol, _OPENAI_CHAT)
    if word not in reasons:
        return Ending(unmapped=printable(reason, 80))
    rule = reasons[word]
    return Ending(failure=_verdict(rule, "ended with", reason) if rule else None)


def blocked(reason: str) -> Verdict:
    """The failure of a prompt that Gemini blocked, by its ``blockReason``."""
    return _verdict(_PROMPT, "the prompt was blocked with", reason)


def _verdict(rule: Rule, what: str, reason: str) -> Verdict:
    meaning = "the answer is not complete" if rule is _UNFINISHED else DETAILS[rule.detail]
    message = f"{what} {printable(reason, 80)}: {meaning}"
    return Verdict(error_class=rule.error_class, detail=rule.detail, message=message)
