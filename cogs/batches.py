"""Prompts with choices, and comparisons: shown with their price, painted once their owner presses Paint all."""

from bot.discord_client.client import AtelierClient
from bot.studio.requests import ImagineRequest
from cogs.interactions import Interaction, acknowledge, actor_of, show, think
from cogs.layouts import batches as layouts


async def offer(interaction: Interaction, request: ImagineRequest) -> None:
    """Show what a prompt with choices stands for, and what that costs, to its owner alone."""
    await think(interaction, ephemeral=True)
    studio, actor = interaction.client.studio, actor_of(interaction)
    unshared = await studio.generations.unshared(actor, request)
    batch = await studio.batches.prepare(actor, str(interaction.id), request)
    await show(interaction, layouts.offer(batch, unshared))


async def paint_all(interaction: Interaction, batch_id: str) -> None:
    """Paint all of it; owner only and once, which the studio checks."""
    await acknowledge(interaction)
    accepted = await interaction.client.studio.batches.paint(actor_of(interaction), batch_id)
    await show(interaction, layouts.painting(accepted))


async def drop(interaction: Interaction, batch_id: str) -> None:
    """Paint none of it."""
    await acknowledge(interaction)
    await interaction.client.studio.batches.discard(actor_of(interaction), batch_id)
    await show(interaction, layouts.dropped())


async def setup(client: AtelierClient) -> None:
    """Know what the buttons do."""
    client.shared.presses.add({"paint-all": paint_all, "drop-batch": drop})
