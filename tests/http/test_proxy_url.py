"""Which proxies a configuration may name."""

from __future__ import annotations

import pytest

from prober.http.settings import ProxyUrl
from prober.model.setting import SettingErrors


@pytest.mark.parametrize("url", ["socks5://proxy.example:1080", "https://proxy.example:3128", "proxy.example:3128"])
def test_refused(url: str) -> None:
    """What is not spoken to in plain HTTP is refused, and it is said what is possible."""
    with pytest.raises(SettingErrors) as refused:
        ProxyUrl.from_setting(url)
    assert "no SOCKS: write http://host:port" in str(refused.value.errors)


@pytest.mark.parametrize("url", ["http://proxy.example:3128", "HTTP://user:password@proxy.example"])
def test_taken(url: str) -> None:
    """User and password may stand in it."""
    assert ProxyUrl.from_setting(url) == url
