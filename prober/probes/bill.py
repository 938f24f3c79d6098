"""What an answer came to: tokens, cost, the rate that is left, and the id to quote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.classify.envelope import document_of
from prober.http.retry_after import retry_after_seconds
from prober.model.run import RETRY_AFTER
from prober.model.setting import SettingError, refuse, setting
from prober.providers.catalogue import REQUEST_IDS
from prober.providers.fields import inside, text
from prober.providers.gateway import served_model
from prober.providers.reply import Usage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.model.run import Measure, Run
    from prober.probes.reading import Answered
    from prober.providers.catalogue import Provider

__all__ = ["Price", "at_most", "currency_of", "note_answer"]

_LONGEST_ID = 200
_SHORTEST_FLOW_NS = 1_000_000  # in less than that an answer did not flow: it came at once, and was cut on its way
_LETTERS_PER_TOKEN = 4  # of English, by the vendors' rule of thumb
_AROUND = 8  # tokens that every prompt gets around it


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What tokens cost. Prices change: they are yours to state."""

    input_per_million: float = setting("A million input tokens.")
    output_per_million: float = setting("A million output tokens, reasoning included.")
    cached_per_million: float | None = setting("A million input tokens read from a prompt cache.", default=None)
    currency: str = setting("Label of the cost.", default="USD")

    def __post_init__(self) -> None:
        """Refuse negative prices, and such in no currency at all."""
        names = ("input_per_million", "output_per_million", "cached_per_million")
        negative = [SettingError("must not be negative", (name,)) for name in names if (getattr(self, name) or 0) < 0]
        nothing = [] if self.currency.strip() else [SettingError("name one, as USD", ("currency",))]
        refuse([*negative, *nothing])

    def of(self, usage: Usage) -> float:
        """What these tokens cost, in the currency."""
        cached = usage.cached if self.cached_per_million is not None else 0
        input_cost = (usage.input - cached) * self.input_per_million + cached * (self.cached_per_million or 0.0)
        return (input_cost + usage.output * self.output_per_million) / 1e6


def currency_of(price: Price | None, vendor: Provider) -> str | None:
    """What costs are counted in; None where there are none."""
    if price is not None:
        return price.currency
    return "USD" if vendor.reports_cost or vendor.cost_header is not None else None


def at_most(prompt: str, max_tokens: int) -> Usage:
    """An estimate of what a run uses if the answer is as long as it may be."""
    return Usage(input=len(prompt) // _LETTERS_PER_TOKEN + _AROUND, output=max_tokens)


def note_answer(answered: Answered, run: Run, *, vendor: Provider, price: Price | None) -> None:
    """Write into the run's measures what is known of the answer, also of one that did not end well."""
    if answered.stream is None:
        return
    headers, measures, reply = answered.stream.head.headers, run.measures, answered.reply
    run.request_id = _request_id(answered, headers, vendor)
    for measure, header in vendor.rate_limit_headers.items():
        value = headers.get(header, "").strip()
        if value.isascii() and value.isdigit():
            measures[measure] = int(value[:15])
    measures["served_model"] = served_model(reply.model, headers)
    wait = retry_after_seconds(headers, now=run.clock.wall_ns() / 1e9) if answered.stream.head.status >= 400 else None
    if wait is not None:
        measures[RETRY_AFTER] = wait
    measures["finish_reason"] = reply.finish
    if reply.usage is not None:
        _note_usage(reply.usage, answered, run)
    elif 200 <= answered.stream.head.status < 300:
        measures["usage_missing"] = True  # an answer that was cut off is billed all the same
    cost = price.of(reply.usage) if price and reply.usage else None if price else _reported(answered, headers, vendor)
    if cost is not None:
        _add(measures, "cost", cost)


def _add(measures: dict[str, Measure], name: str, more: float) -> None:
    """A journey may ask more than once, and pays for all of it."""
    before = measures.get(name)
    measures[name] = more + before if isinstance(before, int | float) else more


def _note_usage(usage: Usage, answered: Answered, run: Run) -> None:
    _add(run.measures, "input_tokens", usage.input)
    _add(run.measures, "cached_tokens", usage.cached)
    _add(run.measures, "output_tokens", usage.output)
    _add(run.measures, "reasoning_tokens", usage.reasoning)
    # Time per output token, the first one apart (genai-perf, vLLM): one token has no rate. Reasoning that was not shown
    # was done before the first content.
    flowed = usage.output if answered.reply.thinking else usage.output - usage.reasoning
    if flowed >= 2 and answered.content_ns >= _SHORTEST_FLOW_NS:
        run.measures["output_tokens_per_second"] = (flowed - 1) / (answered.content_ns / 1e9)


def _reported(answered: Answered, headers: Mapping[str, str], vendor: Provider) -> float | None:
    """What the provider says that the answer cost; a header was sent before a stream's cost was known."""
    try:
        cost = float(headers.get(vendor.cost_header or "", ""))
    except ValueError:
        cost = -1.0
    if 0 < cost < float("inf") or (cost == 0 and not answered.streamed):
        return cost
    return answered.reply.cost if vendor.reports_cost else None


def _request_id(answered: Answered, headers: Mapping[str, str], vendor: Provider) -> str | None:
    """The header that the vendor asks for, else a known one, else what an error or the answer says, else the edge's."""
    names = (vendor.request_id_header, *REQUEST_IDS)
    found = next((headers[name] for name in names if name and headers.get(name)), None)
    reply = answered.reply
    found = found or reply.request_id or _told(answered) or reply.id or headers.get("cf-ray")
    return (found or "")[:_LONGEST_ID] or None


def _told(answered: Answered) -> str | None:
    """The id in an error, beside its object or in it: of an answer, or inside a stream."""
    document = answered.reply.error if answered.streamed else document_of(answered.body)
    if not isinstance(document, dict):
        return None
    return text(document, "request_id") or text(inside(document, "error"), "request_id")
