"""The least that discord.py can do: acknowledge every command and do nothing about it."""

import discord

from benchmarks.baselines import Baseline


async def imagine(interaction: discord.Interaction, prompt: str) -> None:
    """Acknowledge."""
    await interaction.response.defer(thinking=True)


if __name__ == "__main__":
    bot = Baseline()
    bot.tree.command(description="Do nothing")(imagine)
    bot.go()
