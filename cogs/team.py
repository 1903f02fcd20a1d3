"""/team: what the leads of a server do for all of it."""

import discord
from discord import app_commands
from discord.app_commands import Range
from discord.ext import commands

from bot.discord_client.client import AtelierClient
from bot.domain.team import Whom
from bot.errors import UserError
from cogs.interactions import Interaction, actor_of, show, think
from cogs.layouts import team as layouts

AMOUNT = "US dollars, such as 20 or 7.50; 0 stops, default removes what was set"
MORE = "US dollars, such as 5"
MEMBER, ROLE = "Whose; leave both out for the whole server", "Each member with this role"


class Team(commands.GroupCog, group_name="team", group_description="For who leads this server: budgets, pause"):
    """Shown to everybody, as roles may lead, too; who does is checked in the studio."""

    budget = app_commands.Group(name="budget", description="What may be spent a month, and what was")

    def __init__(self, client: AtelierClient) -> None:
        self.leading = client.studio.leading

    @budget.command(name="show", description="Show this month's budgets, and who spent what")
    async def show_budgets(self, interaction: Interaction) -> None:
        """Show."""
        await think(interaction, ephemeral=True)
        await show(interaction, layouts.money(await self.leading.money(actor_of(interaction))))

    @budget.command(name="set", description="Set what the server, each member of a role, or a member may spend a month")
    @app_commands.describe(amount=AMOUNT, member=MEMBER, role=ROLE)
    async def set_budget(
        self,
        interaction: Interaction,
        amount: Range[str, 1, 20],
        member: discord.User | None = None,
        role: discord.Role | None = None,
    ) -> None:
        """Set."""
        await think(interaction, ephemeral=True)
        actor, (whom, whom_id) = actor_of(interaction), _whom(interaction, member, role)
        await show(interaction, layouts.money(await self.leading.set_budget(actor, whom, whom_id, amount)))

    @budget.command(name="once", description="Give somebody more for this month alone")
    @app_commands.describe(amount=MORE, member=MEMBER, role=ROLE)
    async def add_once(
        self,
        interaction: Interaction,
        amount: Range[str, 1, 20],
        member: discord.User | None = None,
        role: discord.Role | None = None,
    ) -> None:
        """Give."""
        await think(interaction, ephemeral=True)
        actor, (whom, whom_id) = actor_of(interaction), _whom(interaction, member, role)
        await show(interaction, layouts.money(await self.leading.add_once(actor, whom, whom_id, amount)))

    @app_commands.command(description="Accept nothing new in this server, and cancel what has not been sent yet")
    @app_commands.describe(reason="What members read, such as: The budget is under review.")
    async def pause(self, interaction: Interaction, reason: Range[str, 3, 200]) -> None:
        """Stop."""
        await think(interaction, ephemeral=True)
        await show(interaction, layouts.paused(await self.leading.pause(actor_of(interaction), reason)))

    @app_commands.command(description="Accept what members ask for again")
    async def resume(self, interaction: Interaction) -> None:
        """Go on."""
        await think(interaction, ephemeral=True)
        await self.leading.resume(actor_of(interaction))
        await show(interaction, layouts.resumed())


def _whom(interaction: Interaction, member: discord.User | None, role: discord.Role | None) -> tuple[Whom, int]:
    """Say whom a budget is for: a member, a role, or where neither is named the server."""
    if member and role:
        raise UserError("A budget is for a member or for a role. Name one of them, or neither for the whole server.")
    if member:
        return Whom.MEMBER, member.id
    return (Whom.ROLE, role.id) if role else (Whom.GUILD, interaction.guild_id or 0)


async def setup(client: AtelierClient) -> None:
    """Load the cog."""
    await client.add_cog(Team(client))
