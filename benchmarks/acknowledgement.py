"""How soon a member sees that the bot has heard: alone, in a crowd, and beside a crowd at work."""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from benchmarks.stage import ARTICLE, ARTICLE_ASYNC, ATELIER, BARE, Stage, photos, save, stage, zipped
from benchmarks.tables import Table, ms, p50, p99
from sandbox.bot_process import PROJECT

CROWDS = ((1, 300), (50, 3), (500, 1))  # members at once, and rounds
WAITING = 20
QUICK = 50.0  # times real time: a picture takes 20 ms, so that the next member is alone again
BYSTANDING = 12.0  # seconds
Waits = dict[str, list[float]]


async def measure() -> Table:
    """Compare the three bots."""
    upload = zipped(photos(20))
    rows = [row(bot, await crowds(bot), await beside(bot, upload)) for bot in (ATELIER, BARE, ARTICLE, ARTICLE_ASYNC)]
    columns = ("bot", "alone p50", "p99", "50 at once p50", "p99", "500 at once p50", "p99", "bystander p50", "p99")
    return Table("acknowledgement", "Acknowledgement of a command", columns, rows)


def row(bot: str, crowd: Waits, bystander: list[float]) -> list[str]:
    """Write one bot's figures."""
    cells = [figure(waits) for waits in (*crowd.values(), bystander) for figure in (_median, _tail)]
    return [bot, *cells]


def _median(waits: list[float]) -> str:
    return ms(p50(waits))


def _tail(waits: list[float]) -> str:
    return ms(p99(waits))


async def crowds(bot: str) -> Waits:
    """Measure one member after another, then many at once; seconds."""
    waits: Waits = {}
    async with stage(bot, speed=QUICK, members=500) as scene:
        await scene.imagine(scene.world.bob, "the first picture, which the others are copies of")
        for crowd, rounds in CROWDS:
            waits[str(crowd)] = []
            for turn in range(rounds):
                members = scene.members[:crowd]
                waits[str(crowd)] += await scene.acknowledged(
                    *(scene.imagine(member, f"picture {crowd}-{turn}-{n}") for n, member in enumerate(members))
                )
                await _quiet(bot, scene)
    return waits


async def _quiet(bot: str, scene: Stage) -> None:
    """Wait until everybody whose wish was heard has a picture; the article's bots lose some in a crowd."""
    try:
        if bot != BARE:
            await scene.until(lambda: len(scene.pictures()) == len(scene.wishes), 120 if bot == ATELIER else 20)
    except TimeoutError:
        if bot == ATELIER:
            raise
    await asyncio.sleep(0.05)  # in which the bot writes down that the picture was delivered


async def beside(bot: str, upload: tuple[str, bytes]) -> list[float]:
    """Measure a member who asks what runs while others wait for pictures and a zip is vetted; seconds."""
    waits: list[float] = []
    async with stage(bot, speed=0.1, members=WAITING + 1) as scene:
        *waiting, bystander = scene.members
        await asyncio.gather(*(scene.imagine(member, f"slow {n}") for n, member in enumerate(waiting)))
        async with vetting(bot, scene, upload):
            until = asyncio.get_running_loop().time() + BYSTANDING
            while asyncio.get_running_loop().time() < until:
                waits += await scene.acknowledged(bystander.slash(scene.world.channel, "jobs"))
                await asyncio.sleep(0.02)
    return waits


@asynccontextmanager
async def vetting(bot: str, scene: Stage, upload: tuple[str, bytes]) -> AsyncIterator[None]:
    """Have a zip vetted by the bot, or beside one that cannot, by a process of its own: the same load for all."""
    if bot == ATELIER:
        world = scene.world
        await world.alice.slash(world.channel, "train zip", zip=upload, name="anna", trigger_word="ANNA1")
        yield
        return
    with tempfile.TemporaryDirectory() as folder:
        file = save(upload, Path(folder))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "inspect-zip", str(file)),
            cwd=PROJECT,
            stdout=asyncio.subprocess.DEVNULL,
        )
        try:
            yield
        finally:
            await process.wait()
