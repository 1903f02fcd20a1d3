"""/enrich: a short prompt in, prose out, and a picture only when its owner wants one."""

from discord import app_commands
from discord.app_commands import Range
from discord.ext import commands

from bot.discord_client.client import AtelierClient
from bot.domain.entities import Actor, Generation
from bot.domain.prompting.enriching import proposal
from bot.domain.prompts import MAX_PROMPT
from bot.studio.requests import ImagineRequest
from cogs.forms import sent_with
from cogs.interactions import Interaction, acknowledge, actor_of, show, think
from cogs.layouts import enriching as layouts
from cogs.painting import ask_for, paint, prompt_form
from cogs.suggestions import PRESET_CHOICES


class Enrich(commands.Cog):
    """The command and its buttons: Show, Paint this, Edit, Discard."""

    def __init__(self, client: AtelierClient) -> None:
        self.studio = client.studio
        client.shared.presses.add(
            {
                "show-prompt": self.show,
                "paint-this": self.paint_this,
                "reword": self.reword,
                "put-away": self.put_away,
            }
        )
        client.shared.forms.add({"reword": self.reworded})

    @app_commands.command(
        description="Make prose of a short prompt, which FLUX paints better; you see it before it is painted"
    )
    @app_commands.describe(
        prompt="A few words are enough; trigger words and “lettering” stay", preset="What it is to be like"
    )
    @app_commands.choices(preset=PRESET_CHOICES)
    async def enrich(
        self, interaction: Interaction, prompt: Range[str, 1, MAX_PROMPT], preset: str | None = None
    ) -> None:
        """Show the old prompt and the new one, now or as soon as the language model has written it."""
        await think(interaction, ephemeral=True)
        enrichment = await self.studio.enriching.ask(actor_of(interaction), str(interaction.id), prompt, preset)
        message_id = await show(interaction, layouts.proposal(enrichment))
        if not enrichment.state.is_over:
            interaction.client.shared.answers[message_id] = interaction
        await self.studio.enriching.run(enrichment, message_id)

    async def show(self, interaction: Interaction, enrichment_id: str) -> None:
        """Show how far it is, for whoever waited through a restart."""
        await acknowledge(interaction)
        await show(
            interaction, layouts.proposal(await self.studio.enriching.find(actor_of(interaction), enrichment_id))
        )

    async def paint_this(self, interaction: Interaction, enrichment_id: str) -> None:
        """Paint the new prompt, once."""

        async def accept(actor: Actor, _: str) -> Generation:
            return await self.studio.enriching.paint(actor, enrichment_id)

        await paint(interaction, accept)

    async def reword(self, interaction: Interaction, enrichment_id: str) -> None:
        """Open the new prompt in a form."""
        enrichment = await self.studio.enriching.find(actor_of(interaction), enrichment_id)
        await prompt_form("reword", enrichment_id, "Edit the prompt", proposal(enrichment)).open(interaction)

    async def reworded(self, interaction: Interaction, _enrichment_id: str) -> None:
        """Paint what was made of the new prompt."""
        await ask_for(interaction, ImagineRequest(prompt=sent_with(interaction).text("prompt")))

    async def put_away(self, interaction: Interaction, enrichment_id: str) -> None:
        """Leave it at that."""
        await acknowledge(interaction)
        await self.studio.enriching.find(actor_of(interaction), enrichment_id)
        await show(interaction, layouts.put_away())


async def setup(client: AtelierClient) -> None:
    """Load the cog."""
    await client.add_cog(Enrich(client))
