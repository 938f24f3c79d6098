"""The metrics of questions to a model: times, tokens, money, and how long the model will be there."""

from __future__ import annotations

from prober.sinks.metrics import closed
from prober.sinks.metrics.family import Family, Type

__all__ = [
    "CHAT_FAMILIES",
    "COST",
    "FIRST_TOKEN",
    "FIRST_VISIBLE_TOKEN",
    "MAX_GAP",
    "MODEL_SHUTDOWN",
    "OUTPUT_RATE",
    "TOKENS",
]

FIRST_TOKEN = Family(
    "prober_chat_first_token_seconds",
    Type.HISTOGRAM,
    "From the start of the request to the first content of any kind, reasoning included.",
    own=("model",),
    kinds=closed.CHAT,
    only=closed.asks,
)
FIRST_VISIBLE_TOKEN = Family(
    "prober_chat_first_visible_token_seconds",
    Type.HISTOGRAM,
    "From the start of the request to the first content that a person sees.",
    own=("model",),
    kinds=closed.CHAT,
    only=closed.asks,
)
MAX_GAP = Family(
    "prober_chat_max_gap_seconds",
    Type.HISTOGRAM,
    "Longest pause between two pieces of content of one answer.",
    own=("model",),
    kinds=closed.CHAT,
    only=closed.asks,
)
OUTPUT_RATE = Family(
    "prober_chat_output_tokens_per_second",
    Type.GAUGE,
    "Output tokens per second of the last successful run.",
    own=("model",),
    kinds=closed.CHAT,
    only=closed.asks,
)
TOKENS = Family(
    "prober_chat_tokens_total",
    Type.COUNTER,
    "Tokens as the provider counted them. The types are disjoint: their sum is the total.",
    own=("model",),
    labels=("type",),
    kinds=closed.CHAT,
    only=closed.asks,
    series=closed.each(closed.TOKEN_TYPES),
)
COST = Family(
    "prober_chat_cost_total",
    Type.COUNTER,
    "Cost of the tokens at the configured price, else as the provider said it, in the currency that the label names.",
    own=("model", "currency"),
    kinds=closed.CHAT,
    only=closed.asks,
    series=closed.priced,
)

MODEL_SHUTDOWN = Family(
    "prober_model_shutdown_timestamp_seconds",
    Type.GAUGE,
    "When the provider shuts the model down, in Unix time; no sample where no date is known.",
    own=("model",),
    kinds=closed.CHAT,
    only=closed.asks,
)

CHAT_FAMILIES = (FIRST_TOKEN, FIRST_VISIBLE_TOKEN, MAX_GAP, OUTPUT_RATE, TOKENS, COST, MODEL_SHUTDOWN)
