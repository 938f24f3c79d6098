"""Faults below HTTP: names, connections, TLS (faults D, C and T)."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

import pytest

from prober.classify import failure_of
from prober.http.network import HostNetwork
from prober.model.network import Address
from tests.faults.case import Case, row
from tests.faults.judge import must_hold
from tests.faults.observe import observe
from tests.target.certificates import EXPIRED

if TYPE_CHECKING:
    from tests.conftest import Runner
    from tests.target.zoo import Zoo


def _name(name: str, says: str, **settings: Any) -> Case:
    return row("closed", says, host=f"{name}.test", name=name, **settings)


NAMES = (
    _name("no-such-name", "dns_error nxdomain resolve network"),
    _name("empty", "dns_error nodata resolve network"),
    _name("circle", "dns_error nodata resolve network"),
    _name("healthy", "dns_error nodata resolve network", ip="6"),
    _name("servfail", "dns_error servfail resolve network"),
    _name("broken", "dns_error servfail resolve network"),
    _name("refused", "dns_error servfail resolve network"),
    _name("silent", "dns_error timeout resolve network", deadlines={"dns": "300ms"}),
    row("closed", "dns_error timeout resolve network", host="silent.test", name="silent-1s", timeout="1s"),
    _name("many", "connect_refused refused connect target"),
)

CONNECTIONS = (
    row("closed", "connect_refused refused connect target"),
    row("healthy", "connect_timeout unreachable connect network", host="127.255.255.255", name="unreachable"),
    row("black-hole", "connect_timeout timeout connect network", deadlines={"connect": "300ms"}),
    row("black-hole", "connect_timeout timeout connect network", name="black-hole-1s", timeout="1s"),
    row("hang", "response_timeout header_timeout processing target", timeout="1s"),
    row(
        "hang",
        "response_timeout header_timeout processing target",
        name="hang-first-byte",
        deadlines={"first_byte": "300ms"},
    ),
    row("hang-up", "connection_reset closed processing unknown"),
    row("reset", "connection_reset reset processing unknown"),
    row("reset-unread", "connection_reset reset processing unknown"),
)

HANDSHAKES = (
    row("tls-expired", "tls_error expired tls target"),
    row("tls-not-yet", "tls_error not_yet_valid tls target"),
    row("tls-wrong-host", "tls_error hostname tls target"),
    row("tls-unknown-ca", "tls_error untrusted tls target"),
    row("tls-self-signed", "tls_error untrusted tls target", host="localhost"),
    row("tls-1-1", "tls_error protocol tls target"),
    row("tls-reset", "connection_reset reset tls unknown"),
    row("hang-up", "tls_error protocol tls target", scheme="https", name="tls-hang-up"),
    row("plain", "tls_error protocol tls target", scheme="https"),
    row("hang", "tls_error handshake_timeout tls target", scheme="https", name="tls-hang-1s", timeout="1s"),
    row(
        "hang",
        "tls_error handshake_timeout tls target",
        scheme="https",
        name="tls-hang",
        deadlines={"tls": "300ms"},
    ),
    row("tls-client-cert", "tls_error client_cert_required processing target"),
    row("tls-cut", "stream_truncated body_truncated transfer unknown"),
)


@pytest.mark.parametrize("case", NAMES, ids=str)
def test_names(case: Case, zoo: Zoo, run_loop: Runner[Any]) -> None:
    """Each way in which a name does not resolve has its own detail, and nothing after it is tried."""
    seen = must_hold(case, zoo, run_loop)
    assert seen.result.phases[0].name == "resolve"


def test_a_missing_name_is_known_at_once(zoo: Zoo, run_loop: Runner[Any]) -> None:
    """NXDOMAIN is an answer: nothing is waited for, nothing is tried again."""
    seconds = [run_loop(observe(NAMES[0].keys(zoo), zoo)).seconds for _ in range(3)]
    assert min(seconds) < 1.5  # c-ares asks again after two seconds


def test_a_slow_name_is_in_no_other_phase(zoo: Zoo, run_loop: Runner[Any]) -> None:
    """A name server that takes 300 ms is seen in `resolve`, and neither in `connect` nor in `processing`."""
    seen = must_hold(row("healthy", host="slow.test"), zoo, run_loop)
    phases = {phase.name: phase.duration_ns / 1e9 for phase in seen.result.phases}
    assert 0.29 < phases["resolve"] < 1.5
    assert phases["connect"] + phases["processing"] < phases["resolve"]


def test_a_broken_answer_spoils_no_other(zoo: Zoo, run_loop: Runner[Any]) -> None:
    """c-ares gives up all that it asked over a socket when one answer to it is broken; those are asked for again."""

    async def resolved() -> list[object]:
        async with HostNetwork(nameservers=[zoo.name_server]) as network:
            names = ("slow.test", *(["broken.test"] * 3))
            asked = [network.resolve(name, socket.AF_INET) for name in names]
            return list(await asyncio.gather(*asked, return_exceptions=True))

    slow, *broken = run_loop(resolved())
    assert slow == (Address(socket.AF_INET, "127.0.0.1"),)
    assert [failure_of(error, "resolve").detail for error in broken] == ["servfail"] * 3


def test_an_address_that_refuses_does_not_hide_one_that_answers(zoo: Zoo, run_loop: Runner[Any]) -> None:
    """Of an IPv6 and an IPv4 address the one that answers is taken."""
    must_hold(row("healthy", host="dead-six.test"), zoo, run_loop)


@pytest.mark.parametrize("case", CONNECTIONS, ids=str)
def test_connections(case: Case, zoo: Zoo, run_loop: Runner[Any]) -> None:
    """Refused, unreachable, silent, closed and reset are told apart, with the phase in which it happened."""
    seen = must_hold(case, zoo, run_loop)
    assert seen.result.phases[-1].name == case.says.split()[2]
    assert not seen.result.phases[-1].finished


@pytest.mark.parametrize("case", HANDSHAKES, ids=str)
def test_handshakes(case: Case, zoo: Zoo, run_loop: Runner[Any]) -> None:
    """Each reason to refuse a certificate or a handshake has its own detail."""
    must_hold(case, zoo, run_loop)


def test_the_end_of_an_expired_certificate_is_exported(zoo: Zoo, run_loop: Runner[Any]) -> None:
    """The alert on it needs the date most when the handshake already fails."""
    seen = run_loop(observe(HANDSHAKES[0].keys(zoo), zoo))
    assert seen.result.measures["certificate_expiry"] == EXPIRED.timestamp()


def test_the_authority_that_signed_it_must_be_named(zoo: Zoo, run_loop: Runner[Any]) -> None:
    """A private authority is trusted where `ca_file` names it, and nowhere else."""
    must_hold(row("tls"), zoo, run_loop)
    must_hold(row("tls", "tls_error untrusted tls target", tls={}), zoo, run_loop)


def test_a_client_certificate_opens_the_door(zoo: Zoo, run_loop: Runner[Any]) -> None:
    """The server that asked for one answers when it gets it."""
    tls = {"ca_file": str(zoo.folder / "ca.pem"), "client_cert_file": str(zoo.folder / "client.pem")}
    must_hold(row("tls-client-cert", tls=tls), zoo, run_loop)
