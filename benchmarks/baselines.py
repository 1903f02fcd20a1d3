"""What the two bots that Atelier is compared with have in common: a client of the sandbox's Discord."""

import os

import discord
from discord import app_commands


class Baseline(discord.Client):
    """A client that registers its commands and does nothing else."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True), proxy=os.environ["HTTPS_PROXY"])
        self.tree = app_commands.CommandTree(self)
        self.tree.command(description="Say what runs")(jobs)

    async def setup_hook(self) -> None:
        """Register the commands."""
        await self.tree.sync()

    def go(self) -> None:
        """Run until killed."""
        self.run(os.environ["DISCORD_TOKEN"], log_handler=None)


async def jobs(interaction: discord.Interaction) -> None:
    """Acknowledge."""
    await interaction.response.defer(ephemeral=True, thinking=True)
