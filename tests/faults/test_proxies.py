"""A forward proxy in between: what it does wrong is ours, what is wrong behind it is the target's (fault H13)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.faults.case import row
from tests.faults.judge import must_hold
from tests.target.certificates import EXPIRED

if TYPE_CHECKING:
    from tests.conftest import Runner
    from tests.target.zoo import Zoo

_OURS = "prober_error proxy connect us"

THROUGH = (
    ("proxy", "tls", ""),
    ("proxy-201", "tls", ""),
    ("proxy", "tls-expired", "tls_error expired tls target"),
    ("proxy", "tls-wrong-host", "tls_error hostname tls target"),
    ("proxy-407", "tls", _OURS),
    ("proxy-502", "tls", _OURS),
    ("proxy-silent", "tls", _OURS),
    ("closed", "tls", _OURS),
)


@pytest.mark.parametrize(("proxy", "target", "says"), THROUGH, ids=[" ".join(each[:2]) for each in THROUGH])
def test_through_a_proxy(proxy: str, target: str, says: str, zoo: Zoo, run_loop: Runner[Any]) -> None:
    """Any 2xx opens the tunnel; the end of a certificate that is refused behind it is known, too."""
    timeout = "1s" if proxy == "proxy-silent" else "5s"
    case = row(target, says, proxy=f"http://127.0.0.1:{zoo.ports[proxy]}", timeout=timeout)
    seen = must_hold(case, zoo, run_loop)
    if target == "tls-expired":
        assert seen.result.measures["certificate_expiry"] == EXPIRED.timestamp()
