"""The votes below a model card: each shows at once on the card."""

import asyncio

from bot.discord_client.client import AtelierClient
from cogs.interactions import Interaction, acknowledge, actor_of, show
from cogs.layouts.training import card, sheet_of


class Votes:
    """Counts one vote at a time: of two at once, the later edit must not show the earlier count."""

    def __init__(self, client: AtelierClient) -> None:
        self._votes = client.studio.votes
        self._counting = asyncio.Lock()

    async def vote(self, interaction: Interaction, ballot: str) -> None:
        """Vote for a LoRA scale; that the member may, the studio checks."""
        await acknowledge(interaction)
        async with self._counting:
            outcome = await self._votes.cast(actor_of(interaction), ballot)
            await show(interaction, card(outcome, sheet_of(outcome)))


async def setup(client: AtelierClient) -> None:
    """Know what the buttons do."""
    client.shared.presses.add({"vote": Votes(client).vote})
