"""What many members get at once, and what they cost the machine."""

import asyncio
import time
from statistics import median

from benchmarks.stage import ARTICLE, ARTICLE_ASYNC, ATELIER, Stage, stage, usage
from benchmarks.tables import Table, ms

TOGETHER, ROUNDS = 20, 3
PATIENCE = 60.0  # seconds; the article's own way takes twenty for the last of them
SATURATED = 20.0  # seconds
CROWD = 60
PER_MINUTE = 600  # Replicate's own limit of predictions


async def measure() -> Table:
    """Measure twenty together, as many as the bot can, and as many as Replicate takes."""
    rows: list[list[str]] = []
    for bot in (ATELIER, ARTICLE, ARTICLE_ASYNC):
        first, last, lost = await _together(bot)
        never = f", {lost} of {ROUNDS * TOGETHER} never" if lost else ""
        rows += [
            [f"20 members, 1 s jobs, {bot}: first served", ms(first)],
            [f"20 members, 1 s jobs, {bot}: last served", ms(last) + never],
        ]
    rows.append(["generations finished per minute at saturation", f"{await _saturated():,.0f}"])
    rows.append(["processor at 600 predictions a minute", await _processor()])
    return Table("crowd", "A crowd", ("what", "figure"), rows)


async def _together(bot: str) -> tuple[float, float, int]:
    """Return when the first and the last of twenty have their pictures, in seconds, medians; and how many never do."""
    firsts: list[float] = []
    lasts: list[float] = []
    lost = 0
    async with stage(bot, members=TOGETHER) as scene:
        await _warm(scene)
        for turn in range(ROUNDS):
            scene.shown.clear()
            began = time.time()
            await asyncio.gather(*(scene.imagine(member, f"{turn}-{n}") for n, member in enumerate(scene.members)))
            lost += TOGETHER - await _patiently(bot, scene)
            firsts.append(min(scene.shown.values()) - began)
            lasts.append(max(scene.shown.values()) - began)
    return median(firsts), median(lasts), lost


async def _patiently(bot: str, scene: Stage) -> int:
    """Wait for twenty pictures and return how many came; the article's bots lose some in a crowd, Atelier may not."""
    try:
        await scene.served(TOGETHER, PATIENCE)
    except TimeoutError:
        if bot == ATELIER:
            raise
    return len(scene.shown)


async def _warm(scene: Stage) -> None:
    await scene.imagine(scene.world.bob, "the first picture, which the others are copies of")
    await scene.served(1)


async def _saturated() -> float:
    """Return how many generations are finished in a minute when everybody asks for the next one at once."""
    async with stage(members=CROWD) as scene:
        scene.world.replicate.limits.predictions.burst = scene.world.replicate.limits.predictions.per_minute = 1e6
        await _warm(scene)
        members = [asyncio.create_task(_insatiable(scene, number)) for number in range(CROWD)]
        await asyncio.sleep(SATURATED / 3)
        before, began = len(scene.shown), time.perf_counter()
        await asyncio.sleep(SATURATED)
        finished = (len(scene.shown) - before) / (time.perf_counter() - began)
        for member in members:
            member.cancel()
        await asyncio.gather(*members, return_exceptions=True)
        return finished * 60


async def _insatiable(scene: Stage, number: int) -> None:
    turn = 0
    while True:
        answer = await scene.imagine(scene.members[number], f"{number}-{turn}")
        turn += 1
        asked = answer.message.id
        await scene.world.discord.wait_until(lambda asked=asked: asked in scene.shown, 60)


async def _processor() -> str:
    """Say what share of one core the bot uses while a member asks ten times a second, and what is finished."""
    async with stage(members=CROWD) as scene:
        await _warm(scene)
        before = usage(scene.bot)
        if before is None:
            return "not measured: this system has no /proc"
        asking: list[asyncio.Task[object]] = []
        began = time.perf_counter()
        for number in range(round(SATURATED * PER_MINUTE / 60)):
            await asyncio.sleep(max(0.0, began + number * 60 / PER_MINUTE - time.perf_counter()))
            member = scene.members[number % CROWD]
            asking.append(asyncio.create_task(scene.imagine(member, f"picture {number}")))
        await asyncio.gather(*asking)
        await scene.served(len(asking) + 1)
        after = usage(scene.bot)
        lasted = time.perf_counter() - began
        return f"{(after.seconds - before.seconds) / lasted:.0%} of one core" if after else "the bot ended"
