"""What a person does comes to the bot after the answers that it depends on, however busy the bot is."""

import asyncio
import os
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
from aiohttp import WSMsgType

from sandbox.discord import Channel, Discord, Fault, Person
from sandbox.discord.patience import GrantedTime, waited
from sandbox.internet import Internet

API = "https://discord.com/api/v10"
MODAL = {
    "type": 9,
    "data": {
        "custom_id": "form",
        "title": "Form",
        "components": [
            {"type": 1, "components": [{"type": 4, "custom_id": "name", "label": "Name", "style": 1}]},
        ],
    },
}


class Client:
    """A client without a library, which answers when the test says so."""

    def __init__(self, discord: Discord, http: aiohttp.ClientSession, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.discord, self.http, self.ws = discord, http, ws

    async def heard(self) -> Any:
        """Return the next event of a person's, or "ping"."""
        while True:
            message = await self.ws.receive()
            if message.type is WSMsgType.PING:
                return "ping"
            event = orjson.loads(message.data)
            if event["t"] == "INTERACTION_CREATE":
                return event["d"]

    async def answer(self, interaction: Any, body: Any) -> None:
        address = f"{API}/interactions/{interaction['id']}/{interaction['token']}/callback"
        async with self.http.post(address, json=body) as reply:
            assert reply.status < 300, await reply.text()


@pytest.fixture
async def place(tmp_path: Path) -> AsyncGenerator[tuple[Client, Person, Channel]]:
    internet, discord = Internet(tmp_path), Discord(tmp_path)
    guild = discord.guild("Team")
    channel, alice = discord.channel(guild, "studio"), discord.person("alice", guild)
    for host, app in discord.apps().items():
        internet.serve(host, app)
    await discord.start()
    await internet.start()
    try:
        async with connected(internet, discord) as client:
            yield client, alice, channel
    finally:
        await internet.stop()
        await discord.stop()


@asynccontextmanager
async def connected(internet: Internet, discord: Discord) -> AsyncGenerator[Client]:
    async with aiohttp.ClientSession(
        headers={"Authorization": f"Bot {discord.token}"},
        connector=aiohttp.TCPConnector(ssl=internet.trust()),
        proxy=internet.environment()["HTTPS_PROXY"],
    ) as http:
        command = {"name": "form", "description": "Opens a form", "type": 1}
        async with http.put(f"{API}/applications/{discord.bot_id}/commands", json=[command]) as reply:
            assert reply.status == 200
        async with http.ws_connect("wss://gateway.discord.gg", autoping=False) as ws:
            await ws.receive()
            await ws.send_json({"op": 2, "d": {"token": discord.token, "intents": 1, "properties": {}}})
            await discord.wait_until(lambda: discord.gateway.connected)
            yield Client(discord, http, ws)


async def test_a_form_is_sent_one_round_trip_after_discord_answered(place: tuple[Client, Person, Channel]):
    client, alice, channel = place
    asked = asyncio.ensure_future(alice.slash(channel, "form"))
    assert await client.heard() == "ping"  # the commands were registered a moment ago
    await client.ws.pong()
    await client.answer(await client.heard(), MODAL)
    sent = asyncio.ensure_future(alice.submit_modal(await asked, {"name": "fox"}))
    assert await client.heard() == "ping"
    comes = asyncio.ensure_future(client.heard())
    async with client.http.get(f"{API}/gateway") as reply:  # Discord had the time to send more, and did not
        assert reply.status == 200
    assert not comes.done()
    await client.ws.pong()
    form = await comes
    assert form["data"]["custom_id"] == "form"
    await client.answer(form, {"type": 4, "data": {"content": "thanks"}})
    assert (await sent).message.content == "thanks"


async def test_an_answer_that_is_late_by_intention_holds_nobody_back(place: tuple[Client, Person, Channel]):
    client, alice, channel = place
    asked = asyncio.ensure_future(alice.slash(channel, "form"))
    assert await client.heard() == "ping"
    await client.ws.pong()
    client.discord.faults.append(Fault("POST /interactions/*", delay=3600))
    late = asyncio.ensure_future(client.answer(await client.heard(), MODAL))
    sent = asyncio.ensure_future(alice.submit_modal(await asked, {"name": "fox"}))
    form = await client.heard()
    assert form["data"]["custom_id"] == "form"
    assert not late.done()
    late.cancel()
    await client.answer(form, {"type": 4, "data": {"content": "thanks"}})
    assert (await sent).message.content == "thanks"


async def test_what_a_busy_machine_keeps_from_the_bot_is_not_of_its_three_seconds(
    place: tuple[Client, Person, Channel], monkeypatch: pytest.MonkeyPatch
):
    client, alice, channel = place
    monkeypatch.setattr("sandbox.discord.patience.ACKNOWLEDGE_WITHIN", 0.05)
    kept = time.perf_counter()
    client.discord.env.clock = GrantedTime(lambda _pid: time.perf_counter() - kept)  # it never gets to run
    asked = asyncio.ensure_future(alice.slash(channel, "form"))
    assert await client.heard() == "ping"
    await client.ws.pong()
    heard = await client.heard()
    await asyncio.wait((asked,), timeout=0.2)
    assert not asked.done()
    await client.answer(heard, MODAL)
    assert (await asked).acknowledged
    client.discord.env.clock = GrantedTime(lambda _pid: 0.0)  # it gets whatever it wants
    assert not (await alice.slash(channel, "form")).acknowledged


def test_the_kernel_tells_what_a_process_was_kept_waiting():
    assert waited(os.getpid()) > 0 or not Path("/proc/self/schedstat").exists()
    assert waited(2**31 - 1) == 0
    clock = GrantedTime()
    assert 0 <= clock.now() <= clock.now()
