"""A sandbox with a crowd and one bot process, and what can be read off both; it knows no table."""

import asyncio
import gc
import io
import math
import random
import re
import socket
import tempfile
import time
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.request import urlopen

from PIL import Image
from simcord.backend.models import Message

from sandbox.bot_process import BotProcess
from sandbox.discord.people import Person
from sandbox.discord.seen import Answer
from sandbox.replicate_world import ReplicateWorld
from sandbox.world import World

ATELIER, BARE, ARTICLE, ARTICLE_ASYNC = "Atelier", "bare discord.py", "the article", "the article, async"
COMMANDS = {
    ATELIER: ("-m", "bot", "run"),
    BARE: ("-m", "benchmarks.bare_bot"),
    ARTICLE: ("-m", "benchmarks.article_bot"),
    ARTICLE_ASYNC: ("-m", "benchmarks.article_bot", "--async"),
}
PLENTY = {"ATELIER_MEMBER_BUDGET": "9999", "ATELIER_GUILD_BUDGET": "99999", "ATELIER_LOG_LEVEL": "WARNING"}


class Stage:
    """A running world, its bot, and members who want pictures."""

    def __init__(self, world: World, bot: BotProcess, members: int) -> None:
        self.world, self.bot = world, bot
        self.members = [world.discord.person(f"member-{n}", world.guild) for n in range(members)]
        self.shown: dict[int, float] = {}
        """When the pictures of a message came, by its id."""
        self.wishes: dict[int, str] = {}
        """Prompts, by the id of the message that answered."""
        self.began = 0.0
        """When the bot was started, by the performance counter."""
        world.discord.backend.watchers.append(self._note)

    def _note(self, message: Message | None) -> None:
        if message is not None and message.attachments:
            self.shown.setdefault(message.id, time.time())

    async def imagine(self, member: Person, prompt: str, **options: object) -> Answer:
        """Ask for a picture; returns when the bot has acknowledged."""
        answer = await member.slash(self.world.channel, "imagine", prompt=prompt, **options)
        if answer.acknowledged and answer.response is not None:
            self.wishes[answer.response.id] = prompt
        return answer

    async def acknowledged(self, *acts: Awaitable[Answer]) -> list[float]:
        """Let people act at once; returns how long each waited for the bot, in seconds; inf for over three."""
        waited = self.world.discord.env.acknowledged_after
        waited.clear()
        await asyncio.gather(*acts)
        return [*waited, *[math.inf] * (len(acts) - len(waited))]

    def pictures(self) -> list[float]:
        """Return when each wish was fulfilled."""
        return [at for message, at in self.shown.items() if message in self.wishes]

    async def served(self, count: int, within: float = 120.0) -> None:
        """Wait until so many messages have pictures."""
        await self.world.discord.wait_until(lambda: len(self.shown) >= count, within)

    async def until(self, condition: Callable[[], bool], within: float = 120.0) -> None:
        """Wait for what Discord does not see, looking again and again; TimeoutError after so many seconds."""
        async with asyncio.timeout(within):
            while not condition():  # noqa: ASYNC110 - the far side of a wire sets no event
                await asyncio.sleep(0.05)

    def delays(self) -> list[float]:
        """Return the seconds from "succeeded" at Replicate to the pictures in the channel, of every message."""
        ended = {
            job.input.get("prompt"): job.completed_at.timestamp()
            for job in self.world.replicate.state.jobs.values()
            if job.completed_at is not None
        }
        prompts = {message: self.wishes.get(message) for message in self.shown}
        return [at - ended[prompts[message]] for message, at in self.shown.items() if prompts[message] in ended]


@asynccontextmanager
async def stage(
    bot: str = ATELIER, *, speed: float = 1.0, members: int = 0, directory: Path | None = None, **environment: str
) -> AsyncIterator[Stage]:
    """Open a world with a bot in it; `directory` brings the bot's data along."""
    with tempfile.TemporaryDirectory(prefix="atelier-bench-") as name:
        world = World(Path(name), speed=speed)
        world.replicate = ReplicateWorld(Path(name, "replicate"), speed=speed, detail="once")
        async with world:
            settings = {**world.internet.environment(), **PLENTY, **environment}
            process = BotProcess(world.discord, directory or Path(name, "bot"), settings, command=COMMANDS[bot])
            scene = Stage(world, process, members)
            scene.began = time.perf_counter()
            await process.start()
            gc.collect()
            gc.freeze()  # or the world, which measures, would stand for 70 ms at each collection of its own garbage
            try:
                yield scene
            finally:
                gc.unfreeze()
                await process.kill()


@dataclass(frozen=True, slots=True)
class Usage:
    """What the kernel says of a process."""

    seconds: float
    """Of processor time, its threads included."""
    memory: int
    """Bytes that are resident."""


def usage(process: BotProcess) -> Usage | None:
    """Read what a process has used; None where there is no /proc."""
    folder = Path("/proc", str(process.pid))
    if not folder.exists():
        return None
    user, system = (folder / "stat").read_text().rpartition(")")[2].split()[11:13]
    resident = re.search(r"VmRSS:\s*(\d+)", (folder / "status").read_text())
    return Usage((int(user) + int(system)) / 100, int(resident[1]) * 1024 if resident else 0)


def free_port() -> int:
    """Find a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def figures(port: int) -> dict[str, float]:
    """Read the bot's own /metrics."""

    def read() -> str:
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            return answer.read().decode()

    lines = (await asyncio.to_thread(read)).splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line[0] != "#")}


@cache
def photos(count: int, seed: int = 7) -> tuple[bytes, ...]:
    """Make JPEGs of 12 megapixels, noisy as photographs are, about 1.5 MB each."""
    dice = random.Random(seed)
    made: list[bytes] = []
    grain = Image.effect_noise((4000, 3000), 12).convert("RGB")
    for _ in range(count):
        coarse = Image.frombytes("RGB", (80, 60), dice.randbytes(80 * 60 * 3))
        image = coarse.resize(grain.size, Image.Resampling.BILINEAR)
        out = io.BytesIO()
        Image.blend(image, grain, 0.15).save(out, "JPEG", quality=88)
        made.append(out.getvalue())
    return tuple(made)


def save(file: tuple[str, bytes], folder: Path) -> Path:
    """Write a file and return its path."""
    path = folder / file[0]
    path.write_bytes(file[1])
    return path


def zipped(pictures: Sequence[bytes]) -> tuple[str, bytes]:
    """Put pictures into a zip, as a member would attach it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number, picture in enumerate(pictures):
            archive.writestr(f"photo-{number:02}.jpg", picture)
    return "photos.zip", out.getvalue()
