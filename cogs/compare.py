"""/compare, and Compare below a result: the price first, then one labelled sheet."""

from collections.abc import Awaitable, Callable

from discord import app_commands
from discord.app_commands import Range
from discord.ext import commands

from bot.discord_client.client import AtelierClient
from bot.domain.entities import Actor
from bot.domain.prompts import MAX_PROMPT
from bot.domain.samples import read_scales
from bot.studio.requests import CompareRequest, Withheld
from cogs.interactions import Interaction, acknowledge, actor_of, show, think
from cogs.layouts.batches import not_shared, offer
from cogs.layouts.generation import deleted
from cogs.layouts.parts import Post
from cogs.painting import MAX_SEED
from cogs.suggestions import paintable

MODEL = "A fine-tune, or plain FLUX"


class Compare(commands.Cog):
    """The command and its button; *Paint all* and *Cancel* below the offer are those of prompts with choices."""

    def __init__(self, client: AtelierClient) -> None:
        self.comparisons = client.studio.comparisons
        client.shared.presses.add({"compare": self.compare_result, "drop-sheet": self.drop})

    @app_commands.command(description="Paint one prompt and seed with several models or LoRA scales, on one sheet")
    @app_commands.describe(
        prompt="What the pictures show",
        model="A fine-tune, or plain FLUX; found by the trigger word if left out",
        model2=MODEL,
        model3=MODEL,
        model4=MODEL,
        scales="LoRA scales of every fine-tune, as 0.6, 0.8, 1; a single fine-tune has four if left out",
        seed="The same for all of them",
    )
    @app_commands.autocomplete(model=paintable, model2=paintable, model3=paintable, model4=paintable)
    async def compare(  # noqa: PLR0917 - the options of a command are its positional parameters
        self,
        interaction: Interaction,
        prompt: Range[str, 1, MAX_PROMPT],
        model: str | None = None,
        model2: str | None = None,
        model3: str | None = None,
        model4: str | None = None,
        scales: Range[str, 1, 100] | None = None,
        seed: Range[int, 0, MAX_SEED] | None = None,
    ) -> None:
        """Show the price."""
        request = CompareRequest(
            prompt=prompt,
            models=tuple(filter(None, (model, model2, model3, model4))),
            scales=read_scales(scales or ""),
            seed=seed,
        )

        async def prepare(actor: Actor, batch_id: str) -> Post:
            unshared = await self.comparisons.unshared(actor, request)
            return offer(await self.comparisons.prepare(actor, batch_id, request), unshared)

        await _offer(interaction, prepare)

    async def compare_result(self, interaction: Interaction, source_id: str) -> None:
        """Show what comparing a result's recipe costs."""

        async def prepare(actor: Actor, batch_id: str) -> Post:
            return offer(await self.comparisons.prepare_like(actor, batch_id, source_id))

        await _offer(interaction, prepare)

    async def drop(self, interaction: Interaction, comparison_id: str) -> None:
        """Delete a sheet with its pictures; owner only, which the studio checks."""
        await acknowledge(interaction)
        await self.comparisons.delete(actor_of(interaction), comparison_id)
        await show(interaction, deleted())


async def _offer(interaction: Interaction, prepare: Callable[[Actor, str], Awaitable[Post]]) -> None:
    await think(interaction, ephemeral=True)
    try:
        post = await prepare(actor_of(interaction), str(interaction.id))
    except Withheld as held:
        post = not_shared(held.unshared)
    await show(interaction, post)


async def setup(client: AtelierClient) -> None:
    """Load the cog."""
    await client.add_cog(Compare(client))
