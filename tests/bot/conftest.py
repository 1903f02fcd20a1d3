"""A small internet with a Replicate on it, and Atelier's own parts before it, all of them real."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from bot.outside.downloads import Downloads
from bot.replicate_api import Replicate
from bot.store import Store
from sandbox.internet import Internet
from sandbox.replicate_world import Fault, ReplicateWorld
from tests.shared import FOREVER

TOKEN = "r8_marked_token_of_the_tests"
SPEED = 60.0  # times real time; what Replicate ends after 15 minutes still has 15 seconds on a busy machine


@dataclass
class Far:
    """What is on the other end of the wire."""

    internet: Internet
    world: ReplicateWorld
    proxy: str = field(init=False)

    def __post_init__(self) -> None:
        self.proxy = f"http://127.0.0.1:{self.internet.port}"

    def goes_wrong(self, match: str, **how: object) -> Fault:
        """Let requests like `match` go wrong; returns the fault, which counts how often it was met."""
        fault = Fault(match=match, **how)  # pyright: ignore[reportArgumentType] - the test names its fields
        self.world.faults.append(fault)
        return fault

    def paid(self, kind: str = "predictions") -> int:
        """Count what was accepted, and so has to be paid."""
        return sum(created.kind == kind for created in self.world.created)

    def asked(self, method: str, path: str) -> int:
        """Count the answered requests for a path that begins so."""
        return sum(e.method == method and e.path.startswith(path) for e in self.world.exchanges)


async def until(met: Callable[[], bool]) -> None:
    """Let everything else go on until a condition is met."""
    async with asyncio.timeout(FOREVER):
        while not met():  # noqa: ASYNC110 - what is waited for is a counter of somebody else's
            await asyncio.sleep(0)


@pytest.fixture
async def far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Far]:
    monkeypatch.setattr("sandbox.internet.GOODBYE_WITHIN", 0.05)
    folder = tmp_path / "far"
    folder.mkdir()
    internet = Internet(folder)
    world = ReplicateWorld(folder / "replicate", speed=SPEED, detail="once")
    for host, app in world.apps().items():
        internet.serve(host, app)
    await world.start()
    await internet.start()
    monkeypatch.setenv("SSL_CERT_FILE", str(internet.authority_file))
    yield Far(internet, world)
    await internet.stop()
    await world.stop()


@pytest.fixture
async def remote(far: Far) -> AsyncIterator[Replicate]:
    replicate = Replicate(TOKEN, proxy=far.proxy)
    yield replicate
    await replicate.close()


@pytest.fixture
async def session(far: Far) -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(ssl=far.internet.trust())
    async with aiohttp.ClientSession(proxy=far.proxy, connector=connector) as opened:
        yield opened


@pytest.fixture
def downloads(session: aiohttp.ClientSession) -> Downloads:
    return Downloads(session)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store(tmp_path / "atelier.db") as opened:
        yield opened
