"""What Chromium's errors mean."""

from __future__ import annotations

import pytest

from prober.browser.net_errors import NET_ERRORS, net_failure
from prober.model.details import DETAILS
from prober.model.errors import ErrorClass


@pytest.mark.parametrize("name", NET_ERRORS)
def test_every_row_is_of_the_closed_sets(name: str) -> None:
    """Detail and phase are those that everything else uses."""
    row = NET_ERRORS[name]
    assert row.detail in DETAILS
    assert row.phase in {"resolve", "connect", "tls", "processing", "transfer"}


@pytest.mark.parametrize(
    ("name", "error_class", "detail"),
    [
        ("net::ERR_NAME_NOT_RESOLVED", ErrorClass.DNS_ERROR, "nxdomain"),
        ("net::ERR_CONNECTION_REFUSED", ErrorClass.CONNECT_REFUSED, "refused"),
        ("net::ERR_CERT_DATE_INVALID", ErrorClass.TLS_ERROR, "expired"),
        ("net::ERR_CERT_SOMETHING_NEW", ErrorClass.TLS_ERROR, "untrusted"),
        ("net::ERR_SSL_SOMETHING_NEW", ErrorClass.TLS_ERROR, "protocol"),
        ("net::ERR_PROXY_CONNECTION_FAILED", ErrorClass.PROBER_ERROR, "proxy"),
        ("net::ERR_SOMETHING_NEW", ErrorClass.CONNECTION_RESET, "other"),
    ],
)
def test_what_an_error_means(name: str, error_class: ErrorClass, detail: str) -> None:
    """Names of a later Chromium fall to the row that is likest."""
    failure = net_failure(name)
    assert (failure.error_class, failure.detail) == (error_class, detail)
    assert name.removeprefix("net::") in failure.message
