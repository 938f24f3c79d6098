"""What was spent today, probe by probe, and the file in which that survives a restart."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from prober.model.whole_file import replace_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["LEDGER", "Account", "Ledger", "read_ledger", "write_ledger"]

LEDGER = "spending.json"
"""The file's name in the data directory."""

_MOST_BYTES = 16 * 1024 * 1024


@dataclass(slots=True, kw_only=True)
class Account:
    """What one probe has spent on the ledger's day, and what its last good run spent, on whatever day that was."""

    tokens: int = 0
    cost: float = 0.0
    currency: str | None = None
    run_tokens: int | None = None
    run_cost: float | None = None


_KEYS = tuple(each.name for each in fields(Account))  # `asdict` takes ten times as long, and the loop waits for it


@dataclass(slots=True, kw_only=True)
class Ledger:
    """All accounts of one day, which is counted from 1970 in UTC."""

    day: int = 0
    accounts: dict[str, Account] = field(default_factory=dict)

    def as_document(self) -> dict[str, object]:
        """A copy that another thread may write."""
        accounts = {name: {key: getattr(account, key) for key in _KEYS} for name, account in self.accounts.items()}
        return {"day": self.day, "accounts": accounts}


def read_ledger(path: Path) -> Ledger:
    """The ledger in a file; an empty one where there is none, or none that can be read."""
    try:
        with path.open("rb") as file:
            return _ledger(json.loads(file.read(_MOST_BYTES)))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return Ledger()


def write_ledger(path: Path, document: Mapping[str, object]) -> bool:
    """Replace the file by the document, of a ledger or the like; false if the disk did not let us."""
    try:
        replace_file(path, json.dumps(document).encode())
    except OSError:
        return False
    return True


def _ledger(raw: dict[str, Any]) -> Ledger:
    accounts = {str(name): _account(account) for name, account in raw["accounts"].items()}
    return Ledger(day=int(raw["day"]), accounts=accounts)


def _account(raw: dict[str, Any]) -> Account:
    """An account of its JSON; what cannot have been spent is refused with a ValueError."""
    account = Account(
        tokens=int(raw["tokens"]),
        cost=float(raw["cost"]),
        currency=None if raw["currency"] is None else str(raw["currency"]),
        run_tokens=None if raw["run_tokens"] is None else int(raw["run_tokens"]),
        run_cost=None if raw["run_cost"] is None else float(raw["run_cost"]),
    )
    if not all(0 <= each < float("inf") for each in asdict(account).values() if isinstance(each, int | float)):
        raise ValueError("nobody spends less than nothing")
    return account
