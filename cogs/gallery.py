"""/gallery: pictures found again by the words of their prompts, a page at a time."""

from discord import app_commands
from discord.app_commands import Range
from discord.ext import commands

from bot.discord_client.client import AtelierClient
from cogs.interactions import Interaction, acknowledge, actor_of, show, think
from cogs.layouts import gallery as layouts
from cogs.layouts.generation import images_of, result
from cogs.suggestions import usable

MAX_WORDS = 200


class Gallery(commands.Cog):
    """The command and its buttons: Older, Newer, Show. What somebody may see, the studio knows."""

    def __init__(self, client: AtelierClient) -> None:
        self.pictures = client.studio.gallery
        client.shared.presses.add({"older": self.older, "newer": self.newer, "see": self.see})

    @app_commands.command(description="Find pictures again: your own, and those of this channel, newest first")
    @app_commands.describe(
        words="Words of the prompt; the last one may be only begun. All pictures if left out",
        model="Only pictures that this fine-tune painted",
        mine="Only your own",
    )
    @app_commands.autocomplete(model=usable)
    async def gallery(
        self,
        interaction: Interaction,
        words: Range[str, 1, MAX_WORDS] | None = None,
        model: str | None = None,
        mine: bool = False,
    ) -> None:
        """Search."""
        await think(interaction, ephemeral=True)
        actor, search_id = actor_of(interaction), str(interaction.id)
        found = await self.pictures.find(actor, search_id, words or "", model=model, mine=mine)
        await show(interaction, layouts.gallery(found))

    async def older(self, interaction: Interaction, place: str) -> None:
        """Turn the page."""
        await acknowledge(interaction)
        await show(interaction, layouts.gallery(await self.pictures.older(actor_of(interaction), place)))

    async def newer(self, interaction: Interaction, place: str) -> None:
        """Turn the page back."""
        await acknowledge(interaction)
        await show(interaction, layouts.gallery(await self.pictures.newer(actor_of(interaction), place)))

    async def see(self, interaction: Interaction, generation_id: str) -> None:
        """Show all pictures of a generation, at their full size, to whoever pressed."""
        await think(interaction, ephemeral=True)
        painted = await self.pictures.show(actor_of(interaction), generation_id)
        await show(interaction, result(painted, images_of(painted)))


async def setup(client: AtelierClient) -> None:
    """Load the cog."""
    await client.add_cog(Gallery(client))
