"""Which of several instances runs a probe: rendezvous hashing of its name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b

__all__ = ["Shard", "owner"]

_SHARD = re.compile(r"([0-9]{1,5})/([0-9]{1,5})", re.ASCII)


def owner(name: str, count: int) -> int:
    """The shard, from 0, that owns this name: the one whose BLAKE2b of ``<name>/<shard>`` is the highest.

    When the count grows by one, only the probes that move to the new shard change their owner.
    """
    return max(range(count), key=lambda index: blake2b(f"{name}/{index}".encode(), digest_size=8).digest())


@dataclass(frozen=True, slots=True)
class Shard:
    """One of ``count`` instances that share a configuration; ``index`` counts from 0."""

    index: int = 0
    count: int = 1

    @classmethod
    def parse(cls, text: str) -> Shard:
        """The shard written as ``0/3``. Raises ValueError with a message for people."""
        match = _SHARD.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"{text!r} is not a shard; write INDEX/COUNT, as 0/3")
        index, count = int(match[1]), int(match[2])
        if count == 0 or index >= count:
            raise ValueError(f"shard {text} does not exist: INDEX counts from 0 and is below COUNT")
        return cls(index, count)

    def owns(self, name: str) -> bool:
        """Whether this instance runs the probe of that name."""
        return self.count == 1 or owner(name, self.count) == self.index
