"""How long a finished picture takes from Replicate to the channel, by each of the ways to hear of it."""

import asyncio
from dataclasses import dataclass, field

from benchmarks.stage import ARTICLE_ASYNC, ATELIER, Stage, free_port, stage
from benchmarks.tables import Table, ms, p50, p99
from sandbox.replicate import predictor

PICTURES, ROUNDS = 20, 2
PAUSE = 0.37  # seconds between two members, so that no picture has company


@dataclass(frozen=True)
class Way:
    """How a bot hears that a picture is done; one that takes longer than 5 s is not in the answer held back."""

    name: str
    bot: str = ATELIER
    seconds: float = 0.75
    settings: dict[str, str] = field(default_factory=dict[str, str])


async def measure() -> Table:
    """Compare the ways."""
    port = free_port()
    webhook = {
        "ATELIER_LISTEN": f"127.0.0.1:{port}",
        "ATELIER_WEBHOOK_URL": f"http://127.0.0.1:{port}/replicate",
    }
    ways = [
        Way("the answer held back (1 s jobs)"),
        Way("webhook (6 s jobs)", seconds=6.0, settings=webhook),
        Way("polling (6 s jobs)", seconds=6.0),
        Way("the article's own, answer held back (1 s jobs)", bot=ARTICLE_ASYNC),
    ]
    rows: list[list[str]] = []
    for way in ways:
        delays = await _delays(way)
        rows.append([way.name, ms(p50(delays)), ms(p99(delays)), str(len(delays))])
    return Table(
        "delivery",
        'From "succeeded" at Replicate to the picture in the channel',
        ("way", "p50", "p99", "pictures"),
        rows,
    )


async def _delays(way: Way) -> list[float]:
    predictor.FIRST_IMAGE = way.seconds
    async with stage(way.bot, speed=1.0, members=PICTURES, directory=None, **way.settings) as scene:
        for turn in range(ROUNDS):
            await _one_by_one(scene, turn)
            await scene.served(PICTURES * (turn + 1))
        return scene.delays()


async def _one_by_one(scene: Stage, turn: int) -> None:
    for number, member in enumerate(scene.members):
        await scene.imagine(member, f"picture {turn}-{number}")
        await asyncio.sleep(PAUSE)
