"""How an API is addressed whatever is asked of it: keys, refusals, and the headers of its answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, ClassVar

from prober.simulator.company import Allowance
from prober.simulator.errors import ERRORS, WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from prober.simulator.errors import NamedError, Refusal

__all__ = ["Dialect", "Told", "Trouble", "bearer"]


class Trouble(Enum):
    """What any API may refuse a request for."""

    NO_KEY = auto()
    BAD_KEY = auto()
    INVALID = auto()
    NO_MODEL = auto()
    UNKNOWN_MODEL = auto()
    UNFIT_MODEL = auto()
    """The model does something else than what is asked of it."""
    NOT_FOUND = auto()
    """What the path names, such as a stored answer, is not there."""
    TOO_LARGE = auto()
    TOO_MANY = auto()
    UNKNOWN_URL = auto()
    WRONG_METHOD = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the headers of an answer tell: about the request, and what is left of the customer's allowance."""

    id: str
    organization: str
    elapsed_seconds: float
    allowance: Allowance


class Dialect(ABC):
    """One provider's way of speaking."""

    name: ClassVar[str]
    needs_key: ClassVar[bool] = True

    def of(self, request: web.Request) -> Dialect:
        """The dialect in which this very request is answered."""
        del request
        return self

    def key(self, request: web.Request) -> str | None:
        """The key that came with a request."""
        return bearer(request)

    @abstractmethod
    def refusal(self, trouble: Trouble, about: str = "") -> Refusal:
        """The provider's no; ``about`` is the name or the sentence that it is about."""

    def labels(self, request_id: str) -> Mapping[str, str]:
        """The headers by which the provider finds a request again."""
        del request_id
        return {}

    @abstractmethod
    def headers(self, told: Told) -> Mapping[str, str]:
        """The headers of an answer."""

    def error(self, name: str) -> NamedError:
        """The named error; a word that all APIs share means this provider's own."""
        return ERRORS[f"{self.name}.{name}" if name in WORDS else name]


def bearer(request: web.Request) -> str | None:
    """The key in the header ``Authorization: Bearer``."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() or None if scheme.lower() == "bearer" else None
