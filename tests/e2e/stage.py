"""A world with the real bot in it, whose every exchange is held against both contracts, and whose log must be clean."""

import asyncio
import io
import random
import re
import zipfile
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw

from sandbox.bot_process import BotProcess
from sandbox.discord import Channel, Message
from sandbox.replicate.ledger import Created
from sandbox.visitor import Visitor
from sandbox.world import World
from tests.contract.discord_schema import DiscordContract
from tests.contract.replicate_schema import ReplicateContract
from tests.shared import SHARED

CONTRACTS = SHARED / "contracts"
FAST = 40.0
WITHIN = 300.0  # seconds after which what is waited for will not come; at this speed a few, on a quiet machine
PLENTY = {
    "ATELIER_MEMBER_BUDGET": "1000",
    "ATELIER_GUILD_BUDGET": "5000",
    "ATELIER_SUBMIT_GRACE": "3",
    "ATELIER_ENRICH_MODEL": "meta/meta-llama-3-8b-instruct",
}


class Stage:
    """A world and its bot."""

    def __init__(self, world: World, bot: BotProcess) -> None:
        self.world, self.bot = world, bot

    @property
    def alice(self) -> Visitor:
        """Alice, who leads the team, in the world's first channel."""
        return Visitor(self.world, self.world.alice, self.world.channel, within=WITHIN)

    def channel(self, name: str) -> Channel:
        """Open a channel, so that a test sees its own messages only and Discord's limits are its own."""
        return self.world.discord.channel(self.world.guild, re.sub(r"\W+", "-", name.casefold())[:90])

    def visitor(self, channel: Channel, name: str) -> Visitor:
        """Bring a new member into the guild."""
        person = self.world.discord.person(f"{name}-{channel.id}", self.world.guild)
        return Visitor(self.world, person, channel, within=WITHIN)

    @contextmanager
    def slowly(self, speed: float) -> Iterator[None]:
        """Let Replicate take its time meanwhile, so that something can be done to what runs."""
        clock = self.world.replicate.clock
        before, clock.speed = clock.speed, speed
        try:
            yield
        finally:
            clock.speed = before

    async def at_work(self) -> None:
        """Wait until Replicate is at work on something."""
        async with asyncio.timeout(WITHIN):
            # Replicate tells nobody of its jobs; the bot has to ask, too.
            while not any(job.status == "processing" for job in self.world.replicate.state.jobs.values()):  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    def ordered(self, text: str) -> list[Created]:
        """List what Replicate was asked, and paid, to do with this text in its prompt or destination."""
        return [
            made for made in self.world.replicate.created if text in f"{made.input.get('prompt')} {made.destination}"
        ]


@asynccontextmanager
async def open_stage(directory: Path, **environment: str) -> AsyncGenerator[Stage]:
    """Open a world, start the bot, and judge at the end what was said on the wires and in the log."""
    async with open_world(directory) as world:
        stage = Stage(world, world.bot(None, **(PLENTY | environment)))
        await stage.bot.start()
        try:
            yield stage
        finally:
            code = await stage.bot.stop() if stage.bot.pid is not None else 0
        check_log(stage.bot)
        assert code == 0


@asynccontextmanager
async def open_world(directory: Path) -> AsyncGenerator[World]:
    """Open a world, and judge at the end what was said on the wires."""
    judge = discord_contract()
    async with World(directory, speed=FAST) as world:
        if judge is not None:
            world.discord.rest.recorders.append(judge)
        yield world
        check_wires(world)


def check_log(bot: BotProcess) -> None:
    """Expect a log in which nothing went wrong."""
    log = bot.log_file.read_text()
    assert "Traceback" not in log, log
    assert not re.search(r"^\S+ \S+ (ERROR|CRITICAL)", log, re.MULTILINE), log


def check_wires(world: World) -> None:
    """Expect that bot and sandbox kept to both contracts so far, and that nothing else was asked for."""
    assert not world.discord.rest.gaps
    assert not world.internet.refused
    assert not world.replicate.unlisted_fields
    discord, replicate = discord_contract(), replicate_contract()
    problems: list[str] = []
    if replicate is not None:
        exchanges = list(world.replicate.exchanges)
        world.replicate.exchanges.clear()
        for exchange in exchanges:
            replicate(exchange)
    for contract in (discord, replicate):
        if contract is not None:
            problems += contract.problems
            contract.problems.clear()
    assert not problems, "\n".join(sorted(set(problems)))


@cache
def discord_contract() -> DiscordContract | None:
    file = CONTRACTS / "discord-openapi.json"
    return DiscordContract(file) if file.exists() else None


@cache
def replicate_contract() -> ReplicateContract | None:
    file = CONTRACTS / "replicate-openapi.json"
    return ReplicateContract(file) if file.exists() else None


def photos(count: int = 6, seed: int = 0) -> list[tuple[str, bytes]]:
    """Draw small photos that differ."""
    dice = random.Random(seed)
    found: list[tuple[str, bytes]] = []
    for number in range(count):
        image = Image.new("RGB", (320, 320), (dice.randrange(256), 90, 120))
        draw = ImageDraw.Draw(image)
        for _ in range(8):
            x, y, size = dice.randrange(280), dice.randrange(280), dice.randrange(30, 160)
            colour = dice.randrange(256), dice.randrange(256), dice.randrange(256)
            draw.rectangle((x, y, x + size, y + size), fill=colour)
        encoded = io.BytesIO()
        image.save(encoded, "JPEG", quality=88)
        found.append((f"photo-{seed}-{number}.jpg", encoded.getvalue()))
    return found


def zipped(count: int = 6, seed: int = 0) -> tuple[str, bytes]:
    """Pack small photos into a zip."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in photos(count, seed):
            archive.writestr(name, data)
    return f"photos-{seed}.zip", packed.getvalue()


def pixels(message: Message) -> list[bytes]:
    """Return what the pictures of a message show."""
    return [Image.open(io.BytesIO(file.data)).convert("RGB").tobytes() for file in message.pictures]


def seed_of(message: Message) -> int:
    """Read the seed that a result names."""
    found = re.search(r"seed `(\d+)`", message.text)
    assert found, message.text
    return int(found[1])
