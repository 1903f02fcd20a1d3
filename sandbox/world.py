"""The whole sandbox in one object: an internet with a Discord and a Replicate on it, and a team in a studio."""

from pathlib import Path
from types import TracebackType
from typing import Self

from sandbox.bot_process import BotProcess
from sandbox.discord import Discord
from sandbox.internet import Internet
from sandbox.replicate_world import ReplicateWorld

GUILD, CHANNEL = "Atelier Studio", "studio"
TOPIC = "A sandbox: nobody here is real, nothing costs money, and a small stand-in for FLUX paints the pictures."
BOOSTS = 2  # tier 2 takes uploads of 50 MiB


class World:
    """A small internet that lives as long as its `async with` block.

    `directory` holds what must outlast a run, and the certificate; `speed` is how many of the sandbox's Replicate
    seconds pass in one real second.
    """

    def __init__(self, directory: Path, *, speed: float = 1.0, seed: int = 0) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.internet = Internet(directory)
        self.discord = Discord(directory)
        self.replicate = ReplicateWorld(directory / "replicate", speed=speed, seed=seed)
        self.guild = self.discord.guild(GUILD, boosts=BOOSTS)
        self.channel = self.discord.channel(self.guild, CHANNEL, topic=TOPIC)
        self.alice = self.discord.person("alice", self.guild, lead=True)
        self.bob = self.discord.person("bob", self.guild)
        self.carol = self.discord.person("carol", self.guild)

    async def __aenter__(self) -> Self:
        await self.discord.start()
        await self.replicate.start()
        for host, app in {**self.discord.apps(), **self.replicate.apps()}.items():
            self.internet.serve(host, app)
        await self.internet.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.internet.stop()
        await self.replicate.stop()
        await self.discord.stop()

    async def say(self, text: str) -> None:
        """Post a notice of the sandbox itself in the channel."""
        await self.guild.create_webhook(self.channel, "Sandbox").send(text)

    def bot(self, directory: Path | None = None, **environment: str) -> BotProcess:
        """Return the real bot, not yet started, whose data live in `directory`; more variables may be given."""
        return BotProcess(
            self.discord, directory or self.directory / "bot", {**self.internet.environment(), **environment}
        )
