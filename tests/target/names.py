"""A name server whose answers are wrong, late or missing (faults D1 to D4, D7 and D8)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from dnslib import AAAA, CNAME, QTYPE, RCODE, RR, A, DNSRecord

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["NameServer"]

_SLOW = 0.3  # seconds


def _addresses(record: DNSRecord, *addresses: str) -> None:
    for address in addresses:
        rdata = AAAA(address) if ":" in address else A(address)
        rtype = QTYPE.AAAA if ":" in address else QTYPE.A
        if record.q.qtype == rtype:
            record.add_answer(RR(record.q.qname, rtype, rdata=rdata, ttl=0))


def _code(code: int) -> Callable[[DNSRecord], None]:
    def fill(record: DNSRecord) -> None:
        record.header.rcode = code

    return fill


def _circle(record: DNSRecord) -> None:
    record.add_answer(RR(record.q.qname, QTYPE.CNAME, rdata=CNAME("circle.test"), ttl=0))


def _many(record: DNSRecord) -> None:
    _addresses(record, *(f"127.0.1.{i}" for i in range(1, 101)))


_ANSWERS: dict[str, Callable[[DNSRecord], None]] = {
    "healthy.test.": lambda record: _addresses(record, "127.0.0.1"),
    "slow.test.": lambda record: _addresses(record, "127.0.0.1"),
    "dead-six.test.": lambda record: _addresses(record, "::1", "127.0.0.1"),  # nothing listens at ::1
    "many.test.": _many,
    "empty.test.": lambda _record: None,
    "circle.test.": _circle,
    "servfail.test.": _code(RCODE.SERVFAIL),
    "refused.test.": _code(RCODE.REFUSED),
}


class NameServer(asyncio.DatagramProtocol):
    """For ``.test``: what is not listed does not exist, ``silent.test`` gets no answer, ``broken.test`` a cut one."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        question = DNSRecord.parse(data)
        name = str(question.q.qname).lower()
        if name == "silent.test.":
            return
        if name == "broken.test.":
            self._transport.sendto(data[:8], addr)  # a header that ends in its middle
            return
        record = question.reply()
        _ANSWERS.get(name, _code(RCODE.NXDOMAIN))(record)
        delay = _SLOW if name == "slow.test." else 0
        asyncio.get_running_loop().call_later(delay, self._transport.sendto, record.pack(), addr)
