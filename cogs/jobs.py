"""/jobs: what runs and how to stop it, and results to be seen once more."""

import time

from discord import app_commands
from discord.ext import commands

from bot.discord_client.client import AtelierClient
from cogs.interactions import Interaction, actor_of, show, think
from cogs.layouts import jobs as layouts
from cogs.layouts.results import shown


class Jobs(commands.Cog):
    """The list and its buttons; Cancel stands below status messages too."""

    def __init__(self, client: AtelierClient) -> None:
        self.studio_jobs = client.studio.jobs
        client.shared.presses.add({"cancel": self.cancel, "show": self.show})

    @app_commands.command(description="Show what of yours is running or done; cancel it, or see its result")
    async def jobs(self, interaction: Interaction) -> None:
        """List."""
        await think(interaction, ephemeral=True)
        running = await self.studio_jobs.running(actor_of(interaction))
        await show(interaction, layouts.listing(running, time.time()))

    async def cancel(self, interaction: Interaction, job_id: str) -> None:
        """Stop a job; owner only, which the studio checks."""
        await think(interaction, ephemeral=True)
        await show(interaction, layouts.cancelling(await self.studio_jobs.cancel(actor_of(interaction), job_id)))

    async def show(self, interaction: Interaction, job_id: str) -> None:
        """Show a result to its owner alone; that it is theirs, the studio checks."""
        await think(interaction, ephemeral=True)
        outcome = await self.studio_jobs.outcome(actor_of(interaction), job_id)
        await show(interaction, shown(outcome))


async def setup(client: AtelierClient) -> None:
    """Load the cog."""
    await client.add_cog(Jobs(client))
