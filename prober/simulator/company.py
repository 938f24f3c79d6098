"""What one simulated company remembers: accounts, sessions, conversations, jobs, allowances."""

from __future__ import annotations

import hmac
import secrets
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from prober.simulator.settings import Account, Model, Pace, Provider
from prober.simulator.shelf import Shelf

__all__ = ["Allowance", "Company", "Conversation", "Grant", "Message", "Reply", "Session", "Video"]

_HOUR = 3600.0


@dataclass(slots=True, kw_only=True)
class Session:
    """A browser's session, signed in or not. ``tokens`` are the hidden form tokens that are still valid.

    ``pending`` has given the right password, and not yet the one-time code.
    """

    id: str
    token: str
    created_at: float
    account: Account | None = None
    pending: Account | None = None
    tokens: deque[str] = field(default_factory=lambda: deque(maxlen=16))


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a code or a refresh token stands for; ``challenge`` is that of PKCE."""

    client: str
    account: Account
    scope: str
    nonce: str | None = None
    challenge: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One turn of a conversation."""

    id: str
    role: str
    content: str
    created_at: int


@dataclass(slots=True, kw_only=True)
class Conversation:
    """What somebody and the assistant said to each other."""

    id: str
    owner: str
    title: str
    created_at: int
    messages: list[Message] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """A video job; its state follows from how long ago ``started`` was, on the monotonic clock."""

    id: str
    model: str
    prompt: str
    seconds: str
    size: str
    created_at: int
    started: float


@dataclass(slots=True)
class Allowance:
    """How many requests and tokens a key has used in the present minute. It is told, never enforced."""

    requests_limit: int = 500
    tokens_limit: int = 200_000
    requests: int = 0
    tokens: int = 0
    minute_began: float = 0.0

    def use(self, *, requests: int, tokens: int, now: float) -> None:
        """Count a request."""
        if now - self.minute_began >= 60.0:
            self.minute_began, self.requests, self.tokens = now, 0, 0
        self.requests += requests
        self.tokens += tokens

    @property
    def requests_left(self) -> int:
        """How many requests are left."""
        return max(0, self.requests_limit - self.requests)

    @property
    def tokens_left(self) -> int:
        """How many tokens are left."""
        return max(0, self.tokens_limit - self.tokens)

    @property
    def requests_reset_seconds(self) -> float:
        """How long it takes until the requests are whole again."""
        return 60.0 / self.requests_limit * self.requests

    @property
    def tokens_reset_seconds(self) -> float:
        """How long it takes until the tokens are whole again."""
        return 60.0 / self.tokens_limit * self.tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A stored answer of an API. One that is made in the background is a job; ``started`` is on the loop's clock."""

    id: str
    owner: str
    body: Mapping[str, object]
    started: float
    queue_seconds: float = 0.0
    run_seconds: float = 0.0

    @property
    def is_job(self) -> bool:
        """Whether it is made in the background."""
        return self.run_seconds > 0


class Company:
    """One provider with its memory. Everything it stores is bounded."""

    def __init__(self, provider: Provider, pace: Pace) -> None:
        self.provider = provider
        self.pace = pace
        self.models: Mapping[str, Model] = {model.id: model for model in provider.models}
        self.created_at = int(time.time())
        self.accounts = {account.email: account for account in provider.accounts}
        self.sessions: Shelf[Session] = Shelf(10_000, 12 * _HOUR)
        self.conversations: Shelf[Conversation] = Shelf(10_000, 24 * _HOUR)
        self.videos: Shelf[Video] = Shelf(1_000, _HOUR)
        self.codes: Shelf[Grant] = Shelf(1_000, 60.0)
        self.refresh_tokens: Shelf[Grant] = Shelf(10_000, 24 * _HOUR)
        self.code_steps: dict[str, int] = {}
        self.replies: Shelf[Reply] = Shelf(1_000, _HOUR)
        self.prefixes: Shelf[int] = Shelf(1_000, _HOUR / 6)
        self.incidents: Shelf[float] = Shelf(100, 24 * _HOUR)
        self._keys: Shelf[Account] = Shelf(20_000, 12 * _HOUR)
        self._allowances: dict[str, Allowance] = {}
        self._own_keys = {account.api_key: account for account in provider.accounts}

    def account_of_key(self, key: str) -> Account | None:
        """Whose key it is: an account's API key, or the token of a session."""
        return self._own_keys.get(key) or self._keys.get(key)

    def allowance_of(self, account: Account) -> Allowance:
        """What is left of an account's minute."""
        return self._allowances.setdefault(account.email, Allowance())

    def open_session(self, account: Account | None = None) -> Session:
        """A new session; with an account, one that is signed in."""
        now = time.monotonic()
        session = Session(
            id=secrets.token_urlsafe(24), token=f"sess-{secrets.token_urlsafe(24)}", created_at=now, account=account
        )
        self.sessions.put(session.id, session)
        if account is not None:
            self._keys.put(session.token, account)
        return session

    def issue_key(self, account: Account) -> str:
        """A key for the API that is good for some time, as access tokens are."""
        key = f"at-{secrets.token_urlsafe(24)}"
        self._keys.put(key, account)
        return key

    def close_session(self, session: Session) -> None:
        """Forget a session and the key that came with it."""
        self.sessions.drop(session.id)
        self._keys.drop(session.token)

    def sign_in(self, email: str, password: str) -> Account | None:
        """The account, if that is its password."""
        account = self.accounts.get(email.strip().lower())
        known = account.password if account else secrets.token_urlsafe()
        right = hmac.compare_digest(known.encode(), password.encode("utf-8", "replace"))
        return account if right else None

    def add_account(self, account: Account) -> bool:
        """Open an account; False if the address is taken or the company is full."""
        if account.email in self.accounts or len(self.accounts) >= 1_000:
            return False
        self.accounts[account.email] = account
        self._own_keys[account.api_key] = account
        return True
