"""A door for webhooks on this machine, and somebody who knocks there."""

import io
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web

from bot.errors import RemoteUnclear
from bot.web import listener
from bot.web.hooks import BODY, Hooks
from bot.web.keyring import Keyring
from bot.web.listener import Listener
from sandbox.replicate.webhooks import sign

KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # of the examples of Standard Webhooks
GENUINE = b'{"id": "abc"}'


@dataclass
class Door:
    """What a test sees of a door from both sides."""

    http: aiohttp.ClientSession
    key: str = KEY
    """What Replicate says when it is asked for the key; empty: nothing."""
    now: float = 0.0
    """On the door's clock for pauses and rates."""
    asked: int = 0
    """How often Replicate was asked for the key."""
    woken: list[str] = field(default_factory=list[str])
    listener: Listener = field(init=False)

    def __post_init__(self) -> None:
        keyring = Keyring(self.look_up, lambda: self.now)
        hooks = Hooks(keyring, self.woken.append, clock=lambda: self.now)
        self.listener = Listener([web.post("/replicate", hooks.take)], largest=BODY)

    @property
    def address(self) -> tuple[str, int]:
        return self.listener.address

    async def look_up(self) -> str:
        self.asked += 1
        if not self.key:
            raise RemoteUnclear("No answer from Replicate")
        return self.key

    async def knock(
        self, body: bytes = GENUINE, name: str = "msg_1", signature: str = "", packing: str | None = None
    ) -> int:
        """Post a webhook that is genuine but for what is given; returns the status."""
        moment = str(int(time.time()))
        headers = {
            "webhook-id": name,
            "webhook-timestamp": moment,
            "webhook-signature": signature or sign(KEY, name, moment, body),
        }
        if packing:
            headers["Content-Encoding"] = packing
        url = "http://{}:{}/replicate".format(*self.address)
        async with self.http.post(url, data=io.BytesIO(body), headers=headers) as reply:
            return reply.status


@pytest.fixture
async def door(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Door]:
    monkeypatch.setattr(listener, "LINGER", 0.3)
    async with aiohttp.ClientSession() as http:
        door = Door(http)
        await door.listener.start(("127.0.0.1", 0))
        yield door
        await door.listener.stop()
