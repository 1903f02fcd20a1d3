"""/models: what members do with fine-tunes."""

from typing import Literal

from discord import app_commands
from discord.app_commands import Range
from discord.ext import commands

from bot.discord_client.client import AtelierClient
from bot.domain.entities import Kind
from bot.domain.trigger_words import LONGEST
from bot.errors import UserError
from bot.studio.requests import AdoptRequest
from cogs.interactions import Interaction, acknowledge, actor_of, show, think
from cogs.layouts import fine_tunes as layouts
from cogs.suggestions import owned, usable

NAME = "The fine-tune"


class FineTunes(commands.GroupCog, group_name="models", group_description="See, share and tidy up fine-tunes"):
    """One command a thing to do; deleting and publishing ask first."""

    def __init__(self, client: AtelierClient) -> None:
        self.fine_tunes = client.studio.fine_tunes
        client.shared.presses.add(
            {
                "drop": self.drop,
                "keep": self.keep,
                "publish": self.go_public,
                "unpublish": self.stay_private,
            }
        )

    @app_commands.command(name="list", description="List the fine-tunes that you may use here")
    async def list_all(self, interaction: Interaction) -> None:
        """List."""
        await think(interaction, ephemeral=True)
        await show(interaction, layouts.listing(await self.fine_tunes.list(actor_of(interaction))))

    @app_commands.command(description="Show a fine-tune: its trigger word, its versions, who may use it")
    @app_commands.describe(name=NAME)
    @app_commands.autocomplete(name=usable)
    async def show(self, interaction: Interaction, name: str) -> None:
        """Show."""
        await think(interaction, ephemeral=True)
        await show(interaction, layouts.detail(await self.fine_tunes.show(actor_of(interaction), name)))

    @app_commands.command(description="Let everybody in this server paint with a fine-tune of yours")
    @app_commands.describe(name=NAME)
    @app_commands.autocomplete(name=owned)
    async def share(self, interaction: Interaction, name: str) -> None:
        """Share."""
        await think(interaction, ephemeral=True)
        await show(interaction, layouts.shared(await self.fine_tunes.share(actor_of(interaction), name)))

    @app_commands.command(description="Keep a fine-tune to yourself again")
    @app_commands.describe(name=NAME)
    @app_commands.autocomplete(name=owned)
    async def unshare(self, interaction: Interaction, name: str) -> None:
        """Unshare."""
        await think(interaction, ephemeral=True)
        await show(interaction, layouts.unshared(await self.fine_tunes.unshare(actor_of(interaction), name)))

    @app_commands.command(description="Make a LoRA that was trained elsewhere on Replicate a fine-tune of yours")
    @app_commands.describe(
        name="Small letters, digits and hyphens, for example anna-portrait",
        trigger_word="The word, or words, that it was trained with",
        model="owner/name or owner/name:version; a model of another account must be public",
        kind="What it shows",
    )
    async def adopt(
        self,
        interaction: Interaction,
        name: Range[str, 1, 32],
        trigger_word: Range[str, 1, LONGEST],
        model: Range[str, 1, 200],
        kind: Literal["subject", "style", "product"] = "subject",
    ) -> None:
        """Adopt."""
        await think(interaction, ephemeral=True)
        request = AdoptRequest(name=name, trigger_word=trigger_word, model=model, kind=Kind(kind))
        await show(interaction, layouts.adopted(await self.fine_tunes.adopt(actor_of(interaction), request)))

    @app_commands.command(description="Let everybody at Replicate see a fine-tune of yours; asks first")
    @app_commands.describe(name=NAME)
    @app_commands.autocomplete(name=owned)
    async def publish(self, interaction: Interaction, name: str) -> None:
        """Ask."""
        await think(interaction, ephemeral=True)
        card = await self.fine_tunes.show(actor_of(interaction), name)
        if not card.mine:
            raise UserError(f"**{card.fine_tune.name}** is not yours. Only the person who trained it may publish it.")
        await show(interaction, layouts.confirm_publish(card))

    @app_commands.command(description="Have a fine-tune of yours private at Replicate again")
    @app_commands.describe(name=NAME)
    @app_commands.autocomplete(name=owned)
    async def unpublish(self, interaction: Interaction, name: str) -> None:
        """Note it, and say what Replicate says."""
        await think(interaction, ephemeral=True)
        await show(interaction, layouts.visibility(await self.fine_tunes.unpublish(actor_of(interaction), name)))

    async def go_public(self, interaction: Interaction, fine_tune_id: str) -> None:
        """Publish."""
        await acknowledge(interaction)
        seen = await self.fine_tunes.publish(actor_of(interaction), f"ft:{fine_tune_id}")
        await show(interaction, layouts.visibility(seen))

    async def stay_private(self, interaction: Interaction, fine_tune_id: str) -> None:
        """Leave it private."""
        await acknowledge(interaction)
        seen = await self.fine_tunes.unpublish(actor_of(interaction), f"ft:{fine_tune_id}")
        await show(interaction, layouts.visibility(seen))

    @app_commands.command(description="Give a fine-tune of yours another name")
    @app_commands.describe(name=NAME, new_name="Small letters, digits and hyphens, for example anna-portrait")
    @app_commands.autocomplete(name=owned)
    async def rename(self, interaction: Interaction, name: str, new_name: Range[str, 1, 32]) -> None:
        """Rename."""
        await think(interaction, ephemeral=True)
        await show(interaction, layouts.renamed(await self.fine_tunes.rename(actor_of(interaction), name, new_name)))

    @app_commands.command(description="Choose the version that paints when none is named, and its LoRA scale")
    @app_commands.describe(
        name=NAME,
        version="Its number; the newest if this and the scale are left out",
        lora_scale="How strongly it shows when nobody says; goes before the team's votes",
    )
    @app_commands.autocomplete(name=owned)
    async def default(
        self,
        interaction: Interaction,
        name: str,
        version: Range[int, 1, 10_000] | None = None,
        lora_scale: Range[float, -1, 3] | None = None,
    ) -> None:
        """Choose the version and its scale."""
        await think(interaction, ephemeral=True)
        card = await self.fine_tunes.set_default(actor_of(interaction), name, version, lora_scale)
        await show(interaction, layouts.default(card))

    @app_commands.command(description="Delete a fine-tune of yours with all its versions; asks first")
    @app_commands.describe(name=NAME)
    @app_commands.autocomplete(name=owned)
    async def delete(self, interaction: Interaction, name: str) -> None:
        """Ask."""
        await think(interaction, ephemeral=True)
        card = await self.fine_tunes.show(actor_of(interaction), name)
        if not card.mine:
            raise UserError(f"**{card.fine_tune.name}** is not yours. Only the person who trained it may delete it.")
        await show(interaction, layouts.confirm_delete(card))

    async def drop(self, interaction: Interaction, fine_tune_id: str) -> None:
        """Delete for good."""
        await acknowledge(interaction)
        await show(
            interaction, layouts.dropped(await self.fine_tunes.delete(actor_of(interaction), f"ft:{fine_tune_id}"))
        )

    async def keep(self, interaction: Interaction, _: str) -> None:
        """Leave it as it is."""
        await acknowledge(interaction)
        await show(interaction, layouts.kept())


async def setup(client: AtelierClient) -> None:
    """Load the cog."""
    await client.add_cog(FineTunes(client))
