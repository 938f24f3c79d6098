"""Who is let in, and that nobody is while it is not clear who may be."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import trustme
import uvloop

from prober.web.doorway import bound
from prober.web.server import ServerLimits
from tests.web.doors import AUTHORITY, House, basic, certify, hashed, house, trusting

if TYPE_CHECKING:
    import ssl
    from pathlib import Path

    from tests.conftest import Runner

TLS = "tls_server_config: {cert_file: server.crt, key_file: server.key}\n"
MUTUAL = """\
tls_server_config:
  cert_file: server.crt
  key_file: server.key
  client_ca_file: ca.pem
  client_auth_type: RequireAndVerifyClientCert
"""


def users(**passwords: str) -> str:
    """The section with these users."""
    return "basic_auth_users:\n" + "".join(f"  {name}: {hashed(word)}\n" for name, word in passwords.items())


# --- passwords ---


def test_only_users_are_let_in(tmp_path: Path, run_loop: Runner[Any]) -> None:
    """With the right password, on every address, also one that does not exist; the others hear how to say it."""

    async def main() -> None:
        async with house(tmp_path, users(alice="wonderland", bob="builder")) as door:
            assert await door.status(user="alice", password="wonderland") == 200
            assert await door.status(user="bob", password="builder") == 200
            for path in ("/", "/metrics", "/config", "/-/healthy", "/-/ready", "/api/v1/probes", "/nowhere"):
                assert await door.status(path) == 401
                assert await door.status(path, user="alice", password="builder") == 401
                assert await door.status(path, user="mallory", password="wonderland") == 401
            assert (await door.get("/-/reload", method="POST"))[0] == 401
            assert door.world.reloads == 0
            _, headers, text = await door.get("/nowhere")
            assert headers["WWW-Authenticate"] == 'Basic realm="prober", charset="UTF-8"'
            assert text == "401: Unauthorized\n"

    run_loop(main())


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        pytest.param(basic(b"alice:w\xc3\xb6rd:s"), 200, id="utf-8, and a colon in the password"),
        pytest.param(basic(b"alice:w\xc3\xb6rd:s").replace("Basic", "bASIC"), 200, id="case of the scheme"),
        pytest.param(basic(b"alice:w\xc3\xb6rd:s\0"), 401, id="a zero byte more"),
        pytest.param(basic(b"alice:"), 401, id="an empty password"),
        pytest.param(basic(b"alice"), 401, id="no colon"),
        pytest.param(basic(b":w\xc3\xb6rd:s"), 401, id="no user"),
        pytest.param(basic(b"\xff\xfe:x"), 401, id="a user who is no text"),
        pytest.param("Basic not-base64!", 401, id="no base64"),
        pytest.param("Basic \u00e9", 401, id="no ascii"),
        pytest.param("Bearer abc", 401, id="another scheme"),
        pytest.param("Basic", 401, id="nothing behind it"),
        pytest.param(basic(b"alice:" + b"x" * 4000), 401, id="a very long password"),
    ],
)
def test_what_a_client_may_send(authorization: str, status: int, tmp_path: Path) -> None:
    """Basic authentication as in RFC 7617, and nothing that breaks it."""

    async def main() -> int:
        async with house(tmp_path, users(alice="wörd:s")) as door:
            return await door.status(headers={"Authorization": authorization})

    assert asyncio.run(main()) == status


def test_a_long_password_counts_as_far_as_bcrypt_reads(tmp_path: Path) -> None:
    """The first 72 bytes, as with every other implementation."""

    async def main() -> list[int]:
        async with house(tmp_path, users(alice="x" * 72)) as door:
            return [await door.status(user="alice", password="x" * length) for length in (71, 72, 73, 500)]

    assert asyncio.run(main()) == [401, 200, 200, 200]


def test_a_password_is_hashed_once(tmp_path: Path) -> None:
    """A scrape every second must not cost a hash each; and whoever guesses does not push out what was right."""

    async def main() -> None:
        slow = f"basic_auth_users: {{alice: '{hashed('wonderland', cost=10)}'}}\n"
        async with house(tmp_path, slow) as door:
            began = time.process_time()
            assert await door.status(user="alice", password="wonderland") == 200
            first = time.process_time() - began
            began = time.process_time()
            for _ in range(10):
                assert await door.status(user="alice", password="wonderland") == 200
            assert time.process_time() - began < 5 * first

    asyncio.run(main())


def test_a_crowd_of_guesses_is_sent_away(tmp_path: Path) -> None:
    """Only so many wait for a hash, one at a time; who is known already does not wait among them."""

    async def main() -> None:
        slow = f"basic_auth_users: {{alice: '{hashed('wonderland', cost=7)}'}}\n"
        async with house(tmp_path, slow) as door:
            assert await door.status(user="alice", password="wonderland") == 200
            guesses = [door.status(user="alice", password=f"guess {number}") for number in range(40)]
            gathered = asyncio.gather(*guesses)
            assert await door.status(user="alice", password="wonderland") == 200
            statuses = await gathered
            assert set(statuses) == {401, 503}
            assert statuses.count(401) >= 16

    asyncio.run(main())


# --- change ---


def test_users_are_read_again(tmp_path: Path, run_loop: Runner[Any]) -> None:
    """The very next request is asked for the new password, on an open connection too; without users for none."""

    async def main() -> None:
        async with house(tmp_path, users(alice="first")) as door:
            known = {"Authorization": basic(b"alice:first")}
            async with aiohttp.ClientSession(f"http://127.0.0.1:{door.port}", headers=known) as session:
                assert (await session.get("/-/healthy")).status == 200
                door.write(users(alice="second"))
                assert (await session.get("/-/healthy")).status == 401
            assert await door.status(user="alice", password="second") == 200
            door.write("http_server_config: {http2: false}\n")
            assert await door.status() == 200

    run_loop(main())


BROKEN = {
    "empty": "",
    "no yaml": "basic_auth_users: [",
    "unknown key": "basic_auth_user: {}\n",
    "no hash": "basic_auth_users: {alice: wonderland}\n",
    "tls": TLS,
}


@pytest.mark.parametrize("text", [*BROKEN.values(), None], ids=[*BROKEN, "gone"])
def test_a_broken_file_lets_nobody_in(text: str | None, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Not even who was known, until it is repaired; the reason is in the log, and no password with it."""

    async def main() -> None:
        good = users(alice="wonderland")
        async with house(tmp_path, good) as door:
            assert await door.status(user="alice", password="wonderland") == 200
            if text is None:
                (tmp_path / "web.yml").unlink()
            else:
                door.write(text)
            for _ in range(2):
                status, _, said = await door.get("/metrics", user="alice", password="wonderland")
                assert (status, said) == (500, "the web configuration is broken: see the log\n")
            door.write(good)
            assert await door.status(user="alice", password="wonderland") == 200

    asyncio.run(main())
    assert sum("nobody is let in" in record.message for record in caplog.records) == 1
    assert "wonderland" not in caplog.text


def test_a_file_that_is_being_written_opens_no_door(tmp_path: Path) -> None:
    """Its users stand at its end: what is there of it so far is valid, and would let everybody in."""

    async def main() -> None:
        end = users(alice="wonderland")
        async with house(tmp_path, f"http_server_config: {{}}\n{end}") as door:
            with (tmp_path / "web.yml").open("w") as file:
                file.write("http_server_config: {}\n")
                file.flush()
                asking = asyncio.ensure_future(door.status())
                await asyncio.sleep(0.1)
                file.write(end)
            assert await asking == 401

    asyncio.run(main())


# --- limits and headers ---


def test_the_rate_is_limited(tmp_path: Path) -> None:
    """So many at once, whoever asks; a changed limit begins anew, and none is none."""

    async def main() -> None:
        async with house(tmp_path, "rate_limit: {interval: 1h, burst: 2}\n") as door:
            assert [await door.status("/-/healthy") for _ in range(3)] == [200, 200, 429]
            door.write("rate_limit: {interval: 1h, burst: 1}\n")
            assert [await door.status("/-/healthy") for _ in range(2)] == [200, 429]
            door.write("rate_limit: {interval: 0, burst: 0}\n")
            assert [await door.status("/-/healthy") for _ in range(3)] == [200, 200, 200]

    asyncio.run(main())


def test_headers_are_in_every_answer(tmp_path: Path) -> None:
    """Also in place of ours, and in a refusal."""
    headers = "http_server_config: {headers: {X-Frame-Options: sameorigin, Strict-Transport-Security: max-age=60}}\n"

    async def main() -> None:
        async with house(tmp_path, headers + users(alice="wonderland")) as door:
            for password in ("wonderland", "wrong"):
                _, said, _ = await door.get("/", user="alice", password=password)
                assert said["X-Frame-Options"] == "sameorigin"
                assert said["Strict-Transport-Security"] == "max-age=60"

    asyncio.run(main())


# --- TLS ---


def test_tls_with_a_password(tmp_path: Path, run_loop: Runner[Any]) -> None:
    """Both are asked for; who speaks no TLS gets no answer."""

    async def main() -> None:
        async with house(tmp_path, TLS + users(alice="wonderland")) as door:
            assert await door.status() == 401
            assert await door.status(user="alice", password="wonderland") == 200
            reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
            writer.write(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
            assert b"HTTP" not in await reader.read()
            writer.close()

    run_loop(main())


def test_where_it_listens() -> None:
    """At every address of a name; a port that is taken, or an address of somebody else, is an error."""

    async def main() -> None:
        everywhere = await bound("", 0)
        assert {each.family for each in everywhere} >= {socket.AF_INET}
        (here,) = await bound("127.0.0.1", 0)
        with pytest.raises(OSError, match="in use"):
            await bound("127.0.0.1", here.getsockname()[1])
        with pytest.raises(OSError, match="assign requested address"):
            await bound("192.0.2.1", 0)
        for each in (*everywhere, here):
            each.close()

    asyncio.run(main())


def test_no_answer_over_tls_gets_stuck(tmp_path: Path) -> None:
    """Whatever the flow control of the loop's TLS makes of answers in parts."""

    async def main() -> None:
        async with house(tmp_path, TLS) as door:
            for _ in range(60):
                async with asyncio.timeout(5):
                    assert await door.status(headers={"Connection": "close"}) == 200

    uvloop.run(main())


def test_who_goes_away_is_no_news(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A client that hangs up in the middle leaves no trace in the log."""
    caplog.set_level(logging.INFO)

    async def main() -> None:
        async with house(tmp_path, TLS) as door:
            for _ in range(20):
                _, writer = await asyncio.open_connection("127.0.0.1", door.port, ssl=trusting())
                writer.write(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 5)
                await writer.drain()
                writer.transport.abort()
            assert await door.status() == 200

    uvloop.run(main())
    assert caplog.messages == []


def test_the_next_handshake_has_the_new_certificate(tmp_path: Path, run_loop: Runner[Any]) -> None:
    """At once. While key and certificate do not belong together there is no handshake; open connections go on."""

    async def main() -> None:
        async with house(tmp_path, TLS) as door:
            url = f"https://127.0.0.1:{door.port}/-/healthy"
            async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusting())) as session:
                assert (await session.get(url)).status == 200
                for _ in range(2):
                    certificate = certify(tmp_path)
                    assert await door.shown() == certificate
                assert (await session.get(url)).status == 200
                key = (tmp_path / "server.key").read_bytes()
                (tmp_path / "server.key").write_bytes(AUTHORITY.issue_cert("a.example").private_key_pem.bytes())
                with pytest.raises(OSError):  # noqa: PT011 - the loops say it differently
                    await door.shown()
                assert (await session.get(url)).status == 500
                (tmp_path / "server.key").write_bytes(key)
                assert await door.shown() == certificate

    run_loop(main())


def test_tls_is_not_switched_off_by_a_file(tmp_path: Path) -> None:
    """Neither is it spoken in clear nor with what was there before."""

    async def main() -> None:
        async with house(tmp_path, TLS) as door:
            door.write(users(alice="wonderland"))
            with pytest.raises(OSError):  # noqa: PT011  a reset or an end, as the kernel likes
                await door.shown()
            door.write(TLS)
            assert await door.status() == 200

    asyncio.run(main())


def _client(*names: str) -> ssl.SSLContext:
    return trusting(AUTHORITY.issue_cert(*names))


async def _answer(door: House, client: ssl.SSLContext) -> int | None:
    try:
        return (await door.get(tls=client))[0]
    except (aiohttp.ClientError, OSError):
        return None


def test_clients_show_a_certificate(tmp_path: Path, run_loop: Runner[Any]) -> None:
    """One of the authority; none, or one that another made, gets no answer."""
    stranger = trusting(trustme.CA().issue_cert("prometheus.example"))

    async def main() -> None:
        async with house(tmp_path, MUTUAL) as door:
            assert await _answer(door, _client("prometheus.example")) == 200
            assert await _answer(door, trusting()) is None
            assert await _answer(door, stranger) is None
            door.write(MUTUAL.replace("RequireAndVerifyClientCert", "VerifyClientCertIfGiven"))
            assert await _answer(door, trusting()) == 200
            assert await _answer(door, stranger) is None

    run_loop(main())


@pytest.mark.parametrize("name", ["prometheus.example", "192.0.2.7", "2001:db8::7", "mon@example.org"])
def test_the_name_in_a_certificate_may_be_asked_for(name: str, tmp_path: Path) -> None:
    """Of a host, an address, a mail box; whoever has another is hung up on, and an open connection ends with it."""
    sans = f"  client_allowed_sans: ['{name}', other.example]\n"

    async def main() -> None:
        async with house(tmp_path, MUTUAL + sans) as door:
            assert await _answer(door, _client(name)) == 200
            assert await _answer(door, _client("grafana.example")) is None
            url = f"https://127.0.0.1:{door.port}/-/healthy"
            async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=_client(name))) as session:
                assert (await session.get(url)).status == 200
                door.write(MUTUAL + "  client_allowed_sans: [other.example]\n")
                assert (await session.get(url)).status == 403

    asyncio.run(main())


def test_a_handshake_that_never_comes_holds_up_no_end(tmp_path: Path, run_loop: Runner[Any]) -> None:
    """Whoever is still at the door when it closes stays outside."""

    async def main() -> float:
        async with house(tmp_path, TLS) as door:
            idle = socket.create_connection(("127.0.0.1", door.port))
            await asyncio.sleep(0.1)
            began = time.monotonic()
        idle.close()
        return time.monotonic() - began

    assert run_loop(main()) < 5


def test_a_key_may_be_a_reference(tmp_path: Path) -> None:
    """As in probes.yaml; the file it leads to is watched too."""
    text = f"tls_server_config: {{cert_file: server.crt, key: '${{file:{tmp_path}/server.key}}'}}\n"

    async def main() -> None:
        async with house(tmp_path, text) as door:
            assert await door.status() == 200
            certificate = certify(tmp_path)
            assert await door.shown() == certificate

    asyncio.run(main())


def test_handshakes_that_never_come_take_up_limited_room(tmp_path: Path) -> None:
    """Whoever opens connections and says nothing does not eat up our descriptors."""

    async def main() -> None:
        async with house(tmp_path, TLS, limits=ServerLimits(connections=3)) as door:
            idle = [socket.create_connection(("127.0.0.1", door.port)) for _ in range(3)]
            with socket.create_connection(("127.0.0.1", door.port)) as one_more:
                one_more.settimeout(10)
                assert await asyncio.to_thread(one_more.recv, 1) == b""
            for each in idle:
                each.close()
            async with asyncio.timeout(20):
                while await _answer(door, trusting()) != 200:
                    await asyncio.sleep(0.05)

    uvloop.run(main())
