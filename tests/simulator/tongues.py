"""Every chat protocol as a client of the simulator speaks it: what to send, and what is said in the answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from prober.simulator.fixtures import CHAT
from tests.simulator.company import KEY, RawAnswer, raw

if TYPE_CHECKING:
    from prober.simulator.serve import Simulator

__all__ = ["NONCE", "TONGUES", "Tongue", "ask", "events_of", "exactly"]

NONCE = "OK-7391"


def exactly(text: str = NONCE) -> str:
    """A prompt for a text."""
    return f"[{text}] Reply with exactly: {text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tongue:
    """One protocol.

    ``said`` takes the objects of a stream, or the one of a whole answer, and returns the visible text; ``told`` takes
    the same and returns why it ended and the counts of input, output and reasoning tokens.
    """

    name: str
    path: Callable[[str, bool], str]
    key: Callable[[str], Mapping[str, str]]
    body: Callable[[str, str, bool, int | None], dict[str, Any]]
    said: Callable[[list[Any]], str]
    told: Callable[[list[Any]], tuple[str, int, int, int]]
    lines: bool = False

    def request(
        self,
        prompt: str,
        *,
        stream: bool,
        model: str = "parrot-2",
        limit: int | None = 200,
        key: str | None = KEY,
        more: Mapping[str, Any] | None = None,
    ) -> bytes:
        """The whole request."""
        body = json.dumps({**self.body(model, prompt, stream, limit), **(more or {})}).encode()
        head = f"POST {self.path(model, stream)} HTTP/1.1\r\nHost: simulator\r\nContent-Length: {len(body)}\r\n"
        headers = {"Content-Type": "application/json", **(self.key(key) if key else {})}
        if self.name == "anthropic":
            headers["anthropic-version"] = "2026-10-21"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return head.encode() + b"\r\n" + body


async def ask(
    simulator: Simulator, tongue: Tongue, prompt: str, *, stream: bool, quiet: float = 0.3, **how: Any
) -> RawAnswer:
    """The answer, as it comes over a socket."""
    return await raw(simulator, tongue.request(prompt, stream=stream, **how), quiet=quiet)


def events_of(tongue: Tongue, answer: RawAnswer) -> list[Any]:
    """The objects of an answer: of its stream, or the one that it is."""
    body = answer.events
    if b"application/json" in answer.head.lower():
        return [json.loads(body)]
    if tongue.lines:
        return [json.loads(line) for line in body.splitlines()]
    found = [line[len("data: ") :] for line in body.decode().splitlines() if line.startswith("data: ")]
    return [json.loads(data) for data in found if data != "[DONE]"]


def _bearer(key: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {key}"}


def _chat_body(model: str, prompt: str, stream: bool, limit: int | None) -> dict[str, Any]:
    options: dict[str, Any] = {"stream": True, "stream_options": {"include_usage": True}} if stream else {}
    messages = [{"role": "user", "content": prompt}]
    return {"model": model, "messages": messages, "max_completion_tokens": limit, **options}


def _chat_said(events: list[Any]) -> str:
    choices = [choice for event in events for choice in event.get("choices", [])]
    messages = [choice["delta"] if "delta" in choice else choice["message"] for choice in choices]
    return "".join(message.get("content") or "" for message in messages)


def _chat_told(events: list[Any]) -> tuple[str, int, int, int]:
    finishes = [choice["finish_reason"] for event in events for choice in event.get("choices", [])]
    usage = next(event["usage"] for event in events if event.get("usage"))
    reasoning = usage["completion_tokens_details"]["reasoning_tokens"]
    return finishes[-1], usage["prompt_tokens"], usage["completion_tokens"], reasoning


def _responses_body(model: str, prompt: str, stream: bool, limit: int | None) -> dict[str, Any]:
    return {"model": model, "input": prompt, "max_output_tokens": limit, "stream": stream, "store": False}


def _responses_said(events: list[Any]) -> str:
    if events[0].get("object") == "response":
        parts = [part for item in events[0]["output"] for part in item.get("content", [])]
        return "".join(part["text"] for part in parts if part["type"] == "output_text")
    return "".join(event["delta"] for event in events if event["type"] == "response.output_text.delta")


def _responses_told(events: list[Any]) -> tuple[str, int, int, int]:
    response = events[-1].get("response") or events[-1]
    usage, details = response["usage"], response["incomplete_details"]
    reason = details["reason"] if details else response["status"]
    return reason, usage["input_tokens"], usage["output_tokens"], usage["output_tokens_details"]["reasoning_tokens"]


def _anthropic_body(model: str, prompt: str, stream: bool, limit: int | None) -> dict[str, Any]:
    messages = [{"role": "user", "content": prompt}]
    return {"model": model, "max_tokens": limit, "messages": messages, "stream": stream}


def _anthropic_said(events: list[Any]) -> str:
    blocks = events[0].get("content", []) if events[0]["type"] == "message" else []
    deltas = [event["delta"] for event in events if event["type"] == "content_block_delta"]
    return "".join(each["text"] for each in blocks + deltas if each["type"] in {"text", "text_delta"})


def _anthropic_told(events: list[Any]) -> tuple[str, int, int, int]:
    if events[0]["type"] == "message":
        (message,) = events
        given, usage, reason = message["usage"], message["usage"], message["stop_reason"]
    else:
        given = events[0]["message"]["usage"]
        end = next(event for event in events if event["type"] == "message_delta")
        usage, reason = end["usage"], end["delta"]["stop_reason"]
    read = given["input_tokens"] + given["cache_read_input_tokens"] + given["cache_creation_input_tokens"]
    return reason, read, usage["output_tokens"], usage["output_tokens_details"]["thinking_tokens"]


def _gemini_body(model: str, prompt: str, stream: bool, limit: int | None) -> dict[str, Any]:
    del model, stream
    contents = [{"role": "user", "parts": [{"text": prompt}]}]
    return {"contents": contents, "generationConfig": {"maxOutputTokens": limit}}


def _gemini_said(events: list[Any]) -> str:
    contents = [each.get("content", {}) for event in events for each in event.get("candidates", [])]
    return "".join(part["text"] for content in contents for part in content.get("parts", []) if "thought" not in part)


def _gemini_told(events: list[Any]) -> tuple[str, int, int, int]:
    usage = events[-1]["usageMetadata"]
    thoughts = usage.get("thoughtsTokenCount", 0)
    reason = events[-1]["candidates"][0]["finishReason"]
    return reason, usage["promptTokenCount"], usage["candidatesTokenCount"] + thoughts, thoughts


def _interactions_body(model: str, prompt: str, stream: bool, limit: int | None) -> dict[str, Any]:
    config = {"max_output_tokens": limit}
    return {"model": model, "input": prompt, "stream": stream, "store": False, "generation_config": config}


def _interactions_said(events: list[Any]) -> str:
    steps = [step for event in events for step in event.get("steps", []) if step["type"] == "model_output"]
    deltas = [event["delta"] for event in events if event.get("event_type") == "step.delta"]
    contents = [content for step in steps for content in step["content"]]
    return "".join(each["text"] for each in contents + deltas if each["type"] == "text")


def _interactions_told(events: list[Any]) -> tuple[str, int, int, int]:
    interaction = events[-1].get("interaction") or events[-1]
    usage = interaction["usage"]
    thoughts = usage["total_thought_tokens"]
    assert usage["total_tokens"] == usage["total_input_tokens"] + usage["total_output_tokens"] + thoughts
    return interaction["status"], usage["total_input_tokens"], usage["total_output_tokens"] + thoughts, thoughts


def _ollama_body(model: str, prompt: str, stream: bool, limit: int | None) -> dict[str, Any]:
    messages = [{"role": "user", "content": prompt}]
    return {"model": model, "messages": messages, "stream": stream, "options": {"num_predict": limit}}


def _ollama_told(events: list[Any]) -> tuple[str, int, int, int]:
    end = events[-1]
    thoughts = sum("thinking" in event["message"] for event in events[:-1])
    return end["done_reason"], end.get("prompt_eval_count", 0), end.get("eval_count", 0), thoughts


_GOOGLE = "x-goog-api-key"
_AZURE = "/openai/deployments/{}/chat/completions?api-version=2024-10-21"

TONGUES = {
    tongue.name: tongue
    for tongue in (
        Tongue(
            name="openai-chat",
            path=lambda _, __: "/v1/chat/completions",
            key=_bearer,
            body=_chat_body,
            said=_chat_said,
            told=_chat_told,
        ),
        Tongue(
            name="openai-responses",
            path=lambda _, __: "/v1/responses",
            key=_bearer,
            body=_responses_body,
            said=_responses_said,
            told=_responses_told,
        ),
        Tongue(
            name="azure-openai",
            path=lambda model, _: _AZURE.format(model),
            key=lambda key: {"api-key": key},
            body=_chat_body,
            said=_chat_said,
            told=_chat_told,
        ),
        Tongue(
            name="anthropic",
            path=lambda _, __: "/v1/messages",
            key=lambda key: {"x-api-key": key},
            body=_anthropic_body,
            said=_anthropic_said,
            told=_anthropic_told,
        ),
        Tongue(
            name="gemini",
            path=lambda model, stream: (
                f"/v1beta/models/{model}:{'streamGenerateContent?alt=sse' if stream else 'generateContent'}"
            ),
            key=lambda key: {_GOOGLE: key},
            body=_gemini_body,
            said=_gemini_said,
            told=_gemini_told,
        ),
        Tongue(
            name="gemini-interactions",
            path=lambda _, __: "/v1beta/interactions",
            key=lambda key: {_GOOGLE: key},
            body=_interactions_body,
            said=_interactions_said,
            told=_interactions_told,
        ),
        Tongue(
            name="ollama",
            path=lambda _, __: "/api/chat",
            key=_bearer,
            body=_ollama_body,
            said=lambda events: "".join(event["message"]["content"] for event in events),
            told=_ollama_told,
            lines=True,
        ),
    )
}
assert tuple(TONGUES) == CHAT
