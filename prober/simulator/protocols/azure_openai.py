"""Chat completions as Azure has them, server side: OpenAI's, with the verdicts of the content filter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.simulator.answer import Finish
from prober.simulator.protocols.openai_chat import ChatRequest
from prober.simulator.wire import data_event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.simulator.answer import Answer

__all__ = ["AzureRequest"]

_CATEGORIES = ("hate", "self_harm", "sexual", "violence")
_SAFE = {name: {"filtered": False, "severity": "safe"} for name in _CATEGORIES}
_CAUGHT = {**_SAFE, "violence": {"filtered": True, "severity": "high"}}
_OUT_OF_ORDER = {"error": {"code": "content_filter_error", "message": "The contents are not filtered"}}
_PROMPT = [{"prompt_index": 0, "content_filter_results": _SAFE}]


@dataclass(frozen=True, slots=True, kw_only=True)
class AzureRequest(ChatRequest):
    """A request for a chat completion of a deployment."""

    service_tier = None

    def whole(self, answer: Answer) -> Mapping[str, object]:
        """OpenAI's object, and what the filter says of the prompt."""
        return {**super(AzureRequest, self).whole(answer), "prompt_filter_results": _PROMPT}

    def beside_choice(self, answer: Answer) -> dict[str, object]:
        """What the filter says of the answer."""
        if answer.unfiltered:
            return {"content_filter_results": _OUT_OF_ORDER}
        caught = answer.finish in {Finish.FILTERED, Finish.BLOCKED}
        return {"content_filter_results": _CAUGHT if caught else _SAFE}

    def before_role(self, answer: Answer) -> bytes:
        """A chunk without choices or even an id, with what the filter says of the prompt."""
        del answer
        nothing: dict[str, object] = {"choices": [], "created": 0, "id": "", "model": "", "object": ""}
        return data_event({**nothing, "prompt_filter_results": _PROMPT})
