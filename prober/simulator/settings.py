"""What the simulated companies are: names, accounts, models, and how fast they work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["MAGPIE", "PARROT", "Account", "Client", "Model", "Pace", "Provider", "SimulatorSettings", "Tier"]

Tier = Literal["paid", "free"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody who may sign in, and the key with which their programs call the API.

    Who has a ``totp_seed`` is asked for a one-time code after the password.
    """

    email: str
    password: str
    name: str
    api_key: str
    tier: Tier = "paid"
    totp_seed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model on offer. A ``reasoning`` model thinks before it speaks unless it is told ``reasoning_effort: none``."""

    id: str
    kind: Literal["chat", "embedding", "moderation", "image", "video"] = "chat"
    reasoning: bool = False
    shutdown_date: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A program that may sign people in by OpenID Connect; one without a ``secret`` is public."""

    id: str
    redirect_uri: str
    secret: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One company. Its pages and its API live under ``prefix``; its forms call the hidden token ``csrf_field``."""

    name: str
    title: str
    accounts: tuple[Account, ...]
    models: tuple[Model, ...]
    prefix: str = ""
    csrf_field: str = "csrf_token"
    clients: tuple[Client, ...] = ()
    token_seconds: int = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast a healthy company works, in seconds from the arrival of a request."""

    head_seconds: float = 0.04
    first_token_seconds: float = 0.12
    tokens_per_second: float = 40.0
    image_seconds: float = 0.6
    video_queue_seconds: float = 1.0
    video_run_seconds: float = 3.0


def _company(name: str, *, prefix: str, csrf_field: str) -> Provider:
    """A company with a paying, a free and a careful account and one model of every kind."""
    tiers: dict[str, Tier] = {"probe": "paid", "free": "free"}
    accounts = tuple(
        Account(
            email=f"{user}@{name}.example",
            password=f"{name}-{user}-password",
            name=f"{user.title()} of {name.title()}",
            api_key=f"sk-{name}-{user}-key",
            tier=tier,
        )
        for user, tier in tiers.items()
    )
    careful = Account(
        email=f"careful@{name}.example",
        password=f"{name}-careful-password",
        name=f"Careful of {name.title()}",
        api_key=f"sk-{name}-careful-key",
        totp_seed="JBSWY3DPEHPK3PXP",
    )
    callback = f"https://app.{name}.example/callback"
    clients = (
        Client(id="prober", secret=f"{name}-client-secret", redirect_uri=callback),
        Client(id="prober-public", redirect_uri=callback),
    )
    models = (
        Model(id=f"{name}-2"),
        Model(id=f"{name}-2-thinking", reasoning=True),
        Model(id=f"{name}-1", shutdown_date="2027-01-31"),
        Model(id=f"{name}-embedding-1", kind="embedding"),
        Model(id=f"{name}-moderation-1", kind="moderation"),
        Model(id=f"{name}-image-1", kind="image"),
        Model(id=f"{name}-video-1", kind="video"),
    )
    return Provider(
        name=name,
        title=name.title(),
        prefix=prefix,
        accounts=(*accounts, careful),
        models=models,
        csrf_field=csrf_field,
        clients=clients,
    )


PARROT = _company("parrot", prefix="", csrf_field="csrf_token")
"""The first company: everything at the root."""

MAGPIE = _company("magpie", prefix="/magpie", csrf_field="authenticity_token")
"""The company people flee to when the first one is down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorSettings:
    """The whole simulator. The first provider is the one that an unqualified surface name in a fault document means.

    ``seed`` makes the coin tosses of ``probability`` and ``jitter`` repeatable.
    """

    providers: tuple[Provider, ...] = (PARROT, MAGPIE)
    pace: Pace = Pace()
    seed: int | None = None

    def __post_init__(self) -> None:
        for what in ("name", "prefix"):
            values = [getattr(provider, what) for provider in self.providers]
            if len(set(values)) != len(values):
                raise ValueError(f"two providers have the same {what}: {', '.join(map(repr, values))}")
        if not self.providers:
            raise ValueError("a simulator needs at least one provider")
