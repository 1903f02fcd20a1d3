"""What the bot takes while it waits, and how soon it answers after its start."""

import asyncio
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.stage import ATELIER, BARE, Stage, stage, usage
from benchmarks.tables import Table, ms

WAITING, ROUNDS = 1000, 5
SETTLED = 3.0  # seconds after which memory is read


async def measure() -> Table:
    """Measure memory and starts."""
    with tempfile.TemporaryDirectory() as name:
        kept = Path(name, "bot")
        idle, waiting = await _memory(ATELIER, kept)
        bare, _ = await _memory(BARE, None)
        rows = [
            ["resident, idle", idle],
            ["resident, idle, bare discord.py", bare],
            [f"resident, {WAITING} jobs waiting", waiting],
            ["start to first answer, cold", ms(median([await _first_answer(ATELIER) for _ in range(ROUNDS)]))],
            ["start to first answer, bare discord.py", ms(median([await _first_answer(BARE) for _ in range(ROUNDS)]))],
            [f"start to first answer, {WAITING} jobs to resume", ms(await _first_answer(ATELIER, kept))],
        ]
    return Table("memory", "Memory and starts", ("what", "figure"), rows)


async def _memory(bot: str, kept: Path | None) -> tuple[str, str]:
    async with stage(bot, speed=10.0, members=WAITING, directory=kept) as scene:
        await asyncio.sleep(SETTLED)
        idle = _resident(scene)
        if kept is None:
            return idle, ""
        replicate = scene.world.replicate
        replicate.habits.stuck = "processing"
        replicate.limits.predictions.burst = replicate.limits.predictions.per_minute = 1e6
        for first in range(0, WAITING, 50):
            members = scene.members[first : first + 50]
            await asyncio.gather(*(scene.imagine(member, f"picture {member.name}") for member in members))
            await scene.until(lambda: len(replicate.created) >= len(scene.wishes))
        await asyncio.sleep(SETTLED)
        return idle, _resident(scene)


def _resident(scene: Stage) -> str:
    used = usage(scene.bot)
    return f"{used.memory / 2**20:.0f} MiB" if used else "not measured: this system has no /proc"


async def _first_answer(bot: str, kept: Path | None = None) -> float:
    """Return the seconds from the start of the process to the acknowledgement of a command given at once."""
    began = time.perf_counter()
    async with stage(bot, directory=kept) as scene:
        opened = scene.began - began
        await scene.world.alice.slash(scene.world.channel, "jobs")
        return time.perf_counter() - began - opened
