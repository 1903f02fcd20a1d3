"""The menu of a message: the recipe of a picture, and the use of any picture."""

import discord
from discord import app_commands

from bot.discord_client.client import AtelierClient
from bot.domain.entities import FineTune, Generation
from bot.errors import UserError
from cogs.imagine import OPTIONS
from cogs.interactions import Interaction, actor_of, attached, show, think
from cogs.layouts.recipe import recipe, uses

NO_RECIPE = UserError(
    "This message shows no picture that was asked for with Atelier, or one that is not for you. Choose a message with "
    "buttons like *Again* below its pictures."
)
PICTURES = ("image/jpeg", "image/png", "image/webp", "image/heic", "image/heif", "image/avif")


async def show_recipe(interaction: Interaction, message: discord.Message) -> None:
    """Tell everything that decides what a picture looks like, in private."""
    await think(interaction, ephemeral=True)
    generation = await interaction.client.studio.generations.shown_in(actor_of(interaction), message.id)
    if generation is None:
        raise NO_RECIPE
    await show(interaction, recipe(generation, await _fine_tune_of(interaction, generation), OPTIONS))


async def _fine_tune_of(interaction: Interaction, generation: Generation) -> FineTune | None:
    """Find the fine-tune of a generation, if whoever asks may use it."""
    if generation.fine_tune_id is None:
        return None
    try:
        found, _ = await interaction.client.studio.fine_tunes.find(
            actor_of(interaction), f"ft:{generation.fine_tune_id}"
        )
    except UserError:
        return None  # deleted or no longer shared since it was accepted
    return found


async def use(interaction: Interaction, message: discord.Message) -> None:
    """Offer what can be done with the pictures of a message, in private."""
    await think(interaction, ephemeral=True)
    studio, actor = interaction.client.studio, actor_of(interaction)
    generation = await studio.generations.shown_in(actor, message.id)
    if generation is not None:
        count = len(await studio.pictures.numbers(actor, generation.id))
        await show(interaction, uses(generation.id, count))
        return
    files = [file for file in message.attachments if (file.content_type or "").partition(";")[0] in PICTURES]
    selection = await studio.pictures.select(actor, str(interaction.id), [attached(file) for file in files])
    await show(interaction, uses(selection.id, len(selection.paths)))


async def setup(client: AtelierClient) -> None:
    """Load the menu."""
    client.tree.add_command(app_commands.ContextMenu(name="Show recipe", callback=show_recipe))
    client.tree.add_command(app_commands.ContextMenu(name="Use in Atelier", callback=use))
