"""The body of a request to Ollama, checked as Ollama checks it: types are, unknown fields are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.simulator.dialects import OLLAMA, Trouble
from prober.simulator.protocols.ollama import OllamaChat, OllamaGenerate
from prober.simulator.protocols.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from prober.simulator.errors import Refusal
    from prober.simulator.settings import Model

__all__ = ["read_chat", "read_generate"]

_KINDS = {bool: "bool", str: "string", int: "number", float: "number", list: "array", dict: "object"}
_EFFORTS = ("low", "medium", "high", "max")


def read_chat(body: Mapping[str, object], model: Model) -> OllamaChat:
    """What is asked of ``/api/chat``. Raises its 400 for the first thing that is wrong."""
    question = Turns(_messages(body)).question(model, limit=_limit(body), thinks=_thinks(body, model))
    return OllamaChat(question=question, stream=_streams(body))


def read_generate(body: Mapping[str, object], model: Model) -> OllamaGenerate:
    """What is asked of ``/api/generate``. Raises its 400 for the first thing that is wrong."""
    turns = Turns(
        (role, str(_typed(body, name, str) or "")) for role, name in (("system", "system"), ("user", "prompt"))
    )
    question = turns.question(model, limit=_limit(body), thinks=_thinks(body, model))
    return OllamaGenerate(question=question, stream=_streams(body))


def _messages(body: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    messages = _typed(body, "messages", list) or []
    assert isinstance(messages, list)
    for message in messages:
        if not isinstance(message, dict):
            raise _unfit("messages", message, "api.Message")
        content = _typed(message, "content", str)
        yield str(message.get("role", "")), str(content or "")


def _streams(body: Mapping[str, object]) -> bool:
    """Whether to stream, which is what it does without being told."""
    return _typed(body, "stream", bool) is not False


def _limit(body: Mapping[str, object]) -> int | None:
    options = _typed(body, "options", dict) or {}
    assert isinstance(options, dict)
    limit = options.get("num_predict")
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int)):
        raise OLLAMA.refusal(Trouble.INVALID, 'option "num_predict" must be of type integer')
    return limit if limit is not None and limit > 0 else None


def _thinks(body: Mapping[str, object], model: Model) -> bool:
    think = body.get("think")
    if think is not None and not isinstance(think, bool) and think not in _EFFORTS:
        raise OLLAMA.refusal(Trouble.INVALID, f"invalid think value: {think!s:.50}")
    if think and not model.reasoning:
        raise OLLAMA.refusal(Trouble.INVALID, f'"{model.id}" does not support thinking')
    return model.reasoning and think is not False


def _typed(body: Mapping[str, object], name: str, kind: type) -> object:
    value = body.get(name)
    if value is not None and type(value) is not kind:
        raise _unfit(name, value, _KINDS[kind])
    return value


def _unfit(name: str, value: object, kind: str) -> Refusal:
    got = _KINDS.get(type(value), "null")
    return OLLAMA.refusal(Trouble.INVALID, f"json: cannot unmarshal {got} into Go struct field {name} of type {kind}")
