"""The one place that turns an error into a sentence for the member and a line for the operator."""

import logging
import secrets
from typing import Any

import aiohttp
import discord
from discord import app_commands

from bot.domain.wording import sentence
from bot.errors import UserError

log = logging.getLogger(__name__)

ALREADY_ACKNOWLEDGED = 40060
UNKNOWN_MESSAGE = 10008
UNKNOWN_INTERACTION = 10062
STALE = (app_commands.CommandNotFound, app_commands.CommandSignatureMismatch)
PRIVATE = "private"
"""Set in an interaction's extras when its first answer is for the member alone."""
Thinking = discord.InteractionResponseType.deferred_channel_message


def notice(text: str) -> discord.ui.LayoutView:
    """Build the plainest message: one text."""
    return discord.ui.LayoutView(timeout=None).add_item(discord.ui.TextDisplay(text))


async def apologise(interaction: discord.Interaction[Any], error: Exception) -> None:
    """Tell the member in private what went wrong and what to do; never raises what Discord answers."""
    cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
    if isinstance(cause, discord.NotFound) and cause.code == UNKNOWN_INTERACTION:
        await _come_too_late(interaction)
        return
    try:
        await answer(interaction, notice(_explain(interaction, cause)))
    except (discord.HTTPException, aiohttp.ClientError) as refusal:
        log.warning("interaction %s: the member could not be told: %s", interaction.id, refusal)


async def answer(interaction: discord.Interaction[Any], view: discord.ui.LayoutView) -> None:
    """Answer in private, whatever has been answered so far; a public "is thinking ..." disappears."""
    response = interaction.response
    thinking = response.type is Thinking
    if not response.is_done():
        try:
            await response.send_message(view=view, ephemeral=True)
        except discord.HTTPException as refusal:
            if refusal.code != ALREADY_ACKNOWLEDGED:
                raise
            # An earlier try got through although its answer was lost.
            thinking = interaction.type is discord.InteractionType.application_command
        else:
            return
    if not thinking:
        await interaction.followup.send(view=view, ephemeral=True)
    elif interaction.extras.get(PRIVATE):
        await interaction.edit_original_response(view=view, attachments=[])
    else:
        # The first follow-up would fill the "thinking" message, in public, and without that message there can be no
        # follow-up at all; once it is edited it is a message like any other.
        await interaction.edit_original_response(view=notice("-# …"), attachments=[])
        await interaction.followup.send(view=view, ephemeral=True)
        await interaction.delete_original_response()


async def _come_too_late(interaction: discord.Interaction[Any]) -> None:
    """Say in the channel what cannot be said in private any more: Discord waits for three seconds only."""
    log.warning("interaction %s: Discord did not get the first answer in time", interaction.id)
    channel = interaction.channel
    if not isinstance(channel, discord.abc.Messageable):
        return
    text = f"{interaction.user.mention}, I was too slow to answer, so nothing was started. Please try again."
    try:
        await channel.send(view=notice(text))
    except (discord.HTTPException, aiohttp.ClientError) as refusal:
        log.warning("interaction %s: the channel could not be told either: %s", interaction.id, refusal)


def _explain(interaction: discord.Interaction[Any], cause: Exception) -> str:
    if isinstance(cause, UserError):
        log.info("interaction %s refused: %s", interaction.id, cause.text)
        return sentence(cause.text)
    if isinstance(cause, STALE):
        return "This command has changed since your Discord loaded it. Reload Discord (Ctrl+R) and run it again."
    if isinstance(cause, discord.NotFound) and cause.code == UNKNOWN_MESSAGE:
        return "The message of this button has been deleted. Run its command again."
    error_id = secrets.token_hex(3)
    log.error("error %s in interaction %s of member %s", error_id, interaction.id, interaction.user.id, exc_info=cause)
    return (
        f"Something went wrong on our side (error `{error_id}`). Try again; if it comes back, give this id to the "
        "person who runs Atelier."
    )
