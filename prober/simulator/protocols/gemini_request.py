"""The body of a generateContent request, checked as Google checks it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prober.simulator.dialects import GEMINI, Trouble
from prober.simulator.protocols.gemini import ContentRequest
from prober.simulator.protocols.turns import Turns, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from prober.simulator.errors import Refusal
    from prober.simulator.settings import Model

__all__ = ["read", "turns"]

_PARAMETERS = frozenset(
    [
        "cachedContent",
        "contents",
        "generationConfig",
        "labels",
        "model",
        "safetySettings",
        "serviceTier",
        "store",
        "systemInstruction",
        "toolConfig",
        "tools",
    ]
)
_LEVELS = ("MINIMAL", "LOW", "MEDIUM", "HIGH", "XHIGH")
_UNDERSCORE = re.compile(r"_([a-z])")


def read(body: Mapping[str, object], model: Model, *, streamed: bool, events: bool) -> ContentRequest:
    """What is asked, and how the answer is to be sent. Raises the API's 400 for the first thing that is wrong."""
    body = _camel(body)
    for name in body:
        if name not in _PARAMETERS:
            raise _invalid(f'Invalid JSON payload received. Unknown name "{name}": Cannot find field.')
    config = _object(body, "generationConfig")
    thinking = _object(config, "thinkingConfig")
    temperature = config.get("temperature")
    if temperature is not None and (not isinstance(temperature, int | float) or not 0 <= temperature <= 2):
        raise _invalid("Temperature must be in the range [0, 2].")
    limit = config.get("maxOutputTokens")
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
        raise _invalid(f"Invalid value at 'generation_config.max_output_tokens': {limit!s:.50}")
    return ContentRequest(
        question=turns(body).question(model, limit=limit, thinks=_thinks(thinking, model)),
        stream=streamed,
        events=events,
        include_thoughts=thinking.get("includeThoughts") is True,
    )


def turns(body: Mapping[str, object]) -> Turns:
    """The system's text and the contents. Raises the API's 400 if they are not such."""
    body = _camel(body)
    contents = body.get("contents")
    if not isinstance(contents, list) or not contents:
        raise _invalid("* GenerateContentRequest.contents: contents is not specified")
    return Turns(_turns(body.get("systemInstruction"), contents))


def _turns(system: object, contents: list[object]) -> Iterator[tuple[str, str]]:
    if system is not None:
        yield "system", _text(system, "system_instruction")
    for index, content in enumerate(contents):
        role = content.get("role", "user") if isinstance(content, dict) else None
        if role not in {"user", "model", "function"}:
            raise _invalid("Please use a valid role: user, model.")
        yield str(role), _text(content, f"contents[{index}]")


def _text(content: object, path: str) -> str:
    parts = content.get("parts") if isinstance(content, dict) else None
    text = text_of(parts) if isinstance(parts, list) and parts else None
    if text is None:
        raise _invalid(f"* GenerateContentRequest.{path}.parts: contents.parts must not be empty.")
    return text


def _thinks(thinking: Mapping[str, object], model: Model) -> bool:
    """Whether it thinks: a reasoning model unless its budget is 0 or its level minimal, another one never."""
    level, budget = thinking.get("thinkingLevel"), thinking.get("thinkingBudget")
    if level is not None and budget is not None:
        raise _invalid("You can only set only one of thinking budget and thinking level.")
    if level is not None and str(level).upper() not in _LEVELS:
        raise _invalid(f"Invalid value at 'generation_config.thinking_config.thinking_level', \"{level!s:.50}\"")
    wanted = budget != 0 and str(level).upper() != "MINIMAL"
    if not model.reasoning and (level or budget) and wanted:
        raise _invalid("Thinking is not supported for this model.")
    return model.reasoning and wanted


def _object(body: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _invalid(f"Invalid value at '{name}': not an object")
    return _camel(value)


def _camel(body: Mapping[str, object]) -> dict[str, object]:
    """The object with the names of its fields as Google answers them; it takes either spelling."""
    return {_UNDERSCORE.sub(lambda found: found[1].upper(), name): value for name, value in body.items()}


def _invalid(message: str) -> Refusal:
    return GEMINI.refusal(Trouble.INVALID, message)
