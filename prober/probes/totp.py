"""One-time codes by the clock (RFC 6238), each used only once."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
from collections import OrderedDict
from typing import TYPE_CHECKING, Literal

from prober.model.errors import ErrorClass, ProbeFailure

if TYPE_CHECKING:
    from prober.model.run import Run

__all__ = ["Algorithm", "UsedSteps", "code_at", "fresh_code", "seed_of"]

Algorithm = Literal["sha1", "sha256", "sha512"]

_KEPT = 20_000
_LEAST_LEFT_NS = 1_000_000_000  # of a time-step: many servers take no code of the step before
_SPACES = str.maketrans("", "", " -\t\r\n")


def seed_of(text: str) -> bytes:
    """The key in a seed as sites show it: base32, perhaps in groups and small letters. Raises ValueError."""
    bare = text.translate(_SPACES).upper().rstrip("=")
    if bare.startswith("OTPAUTH://"):
        raise ValueError("give only the `secret` of the otpauth address")
    try:
        key = base64.b32decode(bare + "=" * (-len(bare) % 8))
    except (binascii.Error, ValueError):
        raise ValueError("the seed of a one-time code is base32: letters and the digits 2 to 7") from None
    if not key:
        raise ValueError("the seed of a one-time code is empty")
    return key


def code_at(key: bytes, step: int, *, digits: int = 6, algorithm: Algorithm = "sha1") -> str:
    """The code of a time-step: HOTP of RFC 4226 with the step as its counter."""
    digest = hmac.digest(key, step.to_bytes(8, "big"), algorithm)
    at = digest[-1] & 15
    number = int.from_bytes(digest[at : at + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**digits:0{digits}d}"


class UsedSteps:
    """The last time-step that was taken of each seed and period; servers refuse a code that they have seen."""

    __slots__ = ("_last",)

    def __init__(self) -> None:
        self._last: OrderedDict[bytes, int] = OrderedDict()

    def next(self, key: bytes, *, period_ns: int, earliest: int) -> int:
        """The first step from ``earliest`` on that is not used up."""
        return max(earliest, self._last.get(_digest(key, period_ns), -1) + 1)

    def use(self, key: bytes, step: int, *, period_ns: int) -> None:
        """Use a step up."""
        digest = _digest(key, period_ns)
        self._last[digest] = step
        self._last.move_to_end(digest)
        if len(self._last) > _KEPT:
            self._last.popitem(last=False)


def _digest(key: bytes, period_ns: int) -> bytes:
    """Steps of different lengths are counted differently, so that they say nothing about each other."""
    return hashlib.blake2b(b"%d %b" % (period_ns, key), digest_size=16).digest()


async def fresh_code(seed: str, run: Run, *, digits: int, period_ns: int, algorithm: Algorithm) -> str:
    """A code that no run of this process has taken yet, and that is good for a second at least.

    Waits for the next time-step where it must. Raises ProbeFailure, ours, for what is no seed, and where the run would
    be over before that step begins.
    """
    try:
        key = seed_of(seed)
    except ValueError as error:
        raise ProbeFailure(ErrorClass.PROBER_ERROR, str(error), detail="config") from None
    used = run.memory.of(UsedSteps)
    earliest = (run.clock.wall_ns() + min(_LEAST_LEFT_NS, period_ns // 2)) // period_ns
    step = used.next(key, period_ns=period_ns, earliest=earliest)
    wait_ns = step * period_ns - run.clock.wall_ns()
    if wait_ns >= run.remaining_ns():
        raise ProbeFailure(
            ErrorClass.PROBER_ERROR,
            f"a one-time code is good once, and the next begins in {wait_ns / 1e9:.0f} s, after this run's end: "
            "a longer timeout or interval helps",
            detail="deadline",
        )
    used.use(key, step, period_ns=period_ns)
    while (wait_ns := step * period_ns - run.clock.wall_ns()) > 0:  # noqa: ASYNC110 - a clock tells nobody its time
        await asyncio.sleep(wait_ns / 1e9)
    return code_at(key, step, digits=digits, algorithm=algorithm)
