"""The sandbox's internet: hosts on one proxy, and nothing else."""

import asyncio
import io
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from sandbox.internet import Breakage, Internet

Get = Callable[[str], Awaitable[str]]


async def echo(request: web.Request) -> web.StreamResponse:
    if "Upgrade" not in request.headers:
        return web.Response(text=f"{request.host} {len(await request.read())} {id(request.transport)}")
    socket = web.WebSocketResponse(max_msg_size=0)
    await socket.prepare(request)
    async for message in socket:
        await socket.send_bytes(message.data)
    return socket


@pytest.fixture
async def internet(tmp_path: Path) -> AsyncGenerator[Internet]:
    app = web.Application(client_max_size=1 << 30)
    app.router.add_route("*", "/", echo)
    opened = Internet(tmp_path)
    for host in ("one.example", "two.example"):
        opened.serve(host, app)
    await opened.start()
    yield opened
    await opened.stop()


@pytest.fixture
async def session(internet: Internet, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[aiohttp.ClientSession]:
    for name, value in internet.environment().items():
        monkeypatch.setenv(name, value)
    connector = aiohttp.TCPConnector(ssl=internet.trust())
    async with aiohttp.ClientSession(connector=connector, trust_env=True) as opened:
        yield opened


async def get(session: aiohttp.ClientSession, address: str) -> str:
    async with session.get(address) as reply:
        reply.raise_for_status()
        return await reply.text()


async def test_a_client_needs_only_the_environment(internet: Internet):
    script = "import asyncio, aiohttp\nasync def main():\n async with aiohttp.ClientSession(trust_env=True) as s:\n"
    script += "  async with s.get('https://one.example/') as r: print(await r.text())\nasyncio.run(main())"
    environment = internet.environment()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", script), env=environment, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert out.startswith(b"one.example 0")


async def test_hosts_are_told_apart_and_connections_kept(session: aiohttp.ClientSession):
    first, again = await get(session, "https://one.example/"), await get(session, "https://one.example/")
    assert first == again  # the same transport
    assert (await get(session, "https://two.example/")).startswith("two.example 0")


async def test_large_uploads_and_websockets_pass(internet: Internet, session: aiohttp.ClientSession):
    async with session.post("https://one.example/", data=io.BytesIO(bytes(50 << 20))) as reply:
        assert (await reply.text()).split()[1] == str(50 << 20)
    proxy = internet.environment()["HTTPS_PROXY"]  # which aiohttp's trust_env does not use for wss
    async with session.ws_connect("wss://one.example/", proxy=proxy, max_msg_size=0) as socket:
        for size in (1, 5 << 20):
            await socket.send_bytes(bytes(size))
            assert len((await socket.receive()).data) == size


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://elsewhere.example/", "elsewhere.example"),
        ("https://one.example:444/", "one.example"),
        ("http://one.example/", "one.example"),
    ],
)
async def test_everything_else_is_refused_and_noted(
    internet: Internet, session: aiohttp.ClientSession, address: str, host: str
):
    with pytest.raises(aiohttp.ClientResponseError, match="403"):
        await get(session, address)
    assert internet.refused == [host]


@pytest.mark.parametrize(
    ("breakage", "error"),
    [
        ("refuse", aiohttp.ClientHttpProxyError),
        ("reset", aiohttp.ClientConnectorError),
        ("tls", aiohttp.ClientConnectorCertificateError),
    ],
)
async def test_a_host_can_break_and_heal(
    internet: Internet, session: aiohttp.ClientSession, breakage: Breakage, error: type[Exception]
):
    await get(session, "https://one.example/")
    internet.broken["one.example"] = breakage
    internet.hang_up("one.example")
    with pytest.raises(error):
        await get(session, "https://one.example/")
    assert await get(session, "https://two.example/")
    internet.broken.clear()
    assert await get(session, "https://one.example/")
