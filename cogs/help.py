"""/help: what this member may do, and what is left of the budget."""

from discord import app_commands
from discord.ext import commands

from bot.discord_client.client import AtelierClient
from cogs.interactions import Interaction, actor_of, show, think
from cogs.layouts.help import guide


class Help(commands.Cog):
    """One page, written for whoever asks."""

    def __init__(self, client: AtelierClient) -> None:
        self.studio = client.studio

    @app_commands.command(description="What you can do here, with an example each, and what is left of the budget")
    async def help(self, interaction: Interaction) -> None:
        """Show the page."""
        await think(interaction, ephemeral=True)
        actor = actor_of(interaction)
        allowance = await self.studio.spending.allowance(actor)
        await show(interaction, guide(await self.studio.fine_tunes.list(actor), allowance))


async def setup(client: AtelierClient) -> None:
    """Load the cog."""
    await client.add_cog(Help(client))
