"""What every command and button does that has a picture painted: acknowledge, accept, show the status, let it run."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import aiohttp
import discord

from bot.discord_client.apologies import answer
from bot.domain.entities import Actor, Generation
from bot.domain.prompting.permutations import permutations
from bot.domain.prompts import MAX_PROMPT
from bot.studio.requests import ImagineRequest, Withheld
from cogs.batches import offer
from cogs.forms import Form
from cogs.interactions import Interaction, actor_of, show, think
from cogs.layouts.batches import without
from cogs.layouts.generation import status

log = logging.getLogger(__name__)
MAX_SEED = 2**31 - 1
Accept = Callable[[Actor, str], Awaitable[Generation]]
"""Has a generation accepted, for somebody and under an id."""


async def paint(interaction: Interaction, accept: Accept) -> None:
    """Acknowledge, have a generation accepted, show its status, let it run; its result comes by itself."""
    message_id = await think(interaction, ephemeral=False)
    # Known before it says anything, or a restart would leave it saying that it paints, beside the result.
    try:
        generation = await accept(replace(actor_of(interaction), message_id=message_id), str(interaction.id))
    except Withheld as held:
        batch = await interaction.client.studio.batches.hold(actor_of(interaction), held)
        await answer(interaction, without(batch, held.unshared).view)
        return
    try:
        message_id = await show(interaction, status(generation))
    except (discord.HTTPException, aiohttp.ClientError) as refusal:
        # It is accepted and paid for, so it runs; the announcer finds a place for its result.
        log.warning("generation %s: its status could not be shown: %s", generation.id, refusal)
        if message_id is not None:
            interaction.client.shared.doubtful_edits[message_id] = asyncio.get_running_loop().time()
    if message_id is not None:
        interaction.client.shared.answers[message_id] = interaction
    await interaction.client.studio.generations.run(generation, message_id)


async def ask_for(interaction: Interaction, request: ImagineRequest) -> None:
    """Paint what is asked for; a prompt with choices is first shown with its price."""
    if len(permutations(request.prompt, request.count)) > 1:
        await offer(interaction, request)
    else:
        await paint(
            interaction, lambda actor, job_id: interaction.client.studio.generations.imagine(actor, job_id, request)
        )


def prompt_form(verb: str, row_id: object, title: str, prompt: str) -> Form:
    """Ask for a prompt, with one to start from."""
    typed = discord.ui.TextInput[Any](
        custom_id="prompt", style=discord.TextStyle.paragraph, default=prompt[:MAX_PROMPT], max_length=MAX_PROMPT
    )
    return Form(verb, row_id, title).ask("Prompt", typed, "What the picture shows")
