"""The colours of the pages, measured as WCAG 2.2 does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

STYLE = (Path(__file__).parents[2] / "prober/web/templates/style.css").read_text()
LIGHT, DARK = (
    dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6})", block)) for block in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
)
TONES = ("up", "degraded", "partial", "down", "unknown")


def _luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """The ratio of two colours, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("front", "back"),
    [
        *((front, back) for front in ("text", "soft", "link") for back in ("page", "card")),
        *((tone, back) for tone in TONES for back in ("card", f"{tone}-bg")),
        *((front, f"{tone}-bg") for tone in TONES for front in ("text", "soft")),
    ],
)
def test_text_can_be_read(scheme: dict[str, str], front: str, back: str) -> None:
    """Every pair of text and ground has a contrast of at least 4.5."""
    assert contrast(scheme[f"--{front}"], scheme[f"--{back}"]) >= 4.5


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("tick", ["ok", "fail", "done"])
def test_ticks_can_be_seen(scheme: dict[str, str], tick: str) -> None:
    """Shapes that carry meaning stand out by 2.8 or more; height says the same again."""
    assert contrast(scheme[f"--t-{tick}"], scheme["--card"]) >= 2.8
