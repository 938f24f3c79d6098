"""The measures of a run that matter to a person, as short texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.web.wording import amount, duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from prober.model.run import Measure

__all__ = ["measure_texts"]


def _seconds(value: float) -> str:
    return duration(round(value * 1e9))


def _size(value: float) -> str:
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{value:.3g} {unit}"
        value /= 1000
    return f"{value:.3g} GB"


def _plural(value: float, noun: str) -> str:
    return f"{amount(value)} {noun}" if value == 1 else f"{amount(value)} {noun}s"


_NUMBERS: Mapping[str, Callable[[float], str]] = {
    "http_status": lambda value: f"HTTP {value:.0f}",
    "redirects": lambda value: _plural(value, "redirect") if value else "",
    "first_token_seconds": lambda value: f"first token {_seconds(value)}",
    "first_visible_token_seconds": lambda value: f"first visible {_seconds(value)}",
    "max_gap_seconds": lambda value: f"largest gap {_seconds(value)}",
    "output_tokens_per_second": lambda value: f"{value:.3g} tokens/s",
    "output_tokens": lambda value: _plural(value, "output token"),
    "cost": lambda value: f"cost {amount(value)}" if value else "",
    "bytes": _size,
    "page_requests": lambda value: _plural(value, "request") if value > 1 else "",
    "page_bytes": lambda value: f"{_size(value)} in all",
    "assets_broken": lambda value: f"{amount(value)} broken" if value else "",
    "mixed_content": lambda value: f"{amount(value)} refused as mixed content" if value else "",
    "fcp_seconds": lambda value: f"first paint {_seconds(value)}",
    "lcp_seconds": lambda value: f"largest paint {_seconds(value)}",
    "layout_shift": lambda value: f"layout shift {value:.2g}" if value else "",
    "certificate_days": lambda value: f"certificate for {_plural(int(value), 'day')}",
}
_TEXTS: Mapping[str, str] = {"served_model": "model {}", "finish_reason": "finish reason {}"}
_USUAL = {("finish_reason", reason) for reason in ("stop", "end_turn", "STOP", "completed")}


def measure_texts(measures: Mapping[str, Measure], currency: str | None = None) -> Iterator[str]:
    """What was measured beside the phases, in a fixed order; what is as usual is not said."""
    seen_first = measures.get("first_token_seconds")
    for name, text_of in _NUMBERS.items():
        value = measures.get(name)
        if name == "first_visible_token_seconds" and value == seen_first:
            continue
        if isinstance(value, int | float) and not isinstance(value, bool) and (text := text_of(value)):
            yield f"{text} {currency}" if currency and name == "cost" else text
    for name, text in _TEXTS.items():
        value = measures.get(name)
        if isinstance(value, str) and (name, value) not in _USUAL:
            yield text.format(value)
