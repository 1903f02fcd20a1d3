"""What every cog does with an interaction: who asks, and the first answer."""

from functools import partial
from typing import Any

import aiohttp
import discord

from bot.discord_client.apologies import ALREADY_ACKNOWLEDGED, PRIVATE
from bot.discord_client.client import AtelierClient
from bot.domain.entities import Actor
from bot.errors import UserError
from bot.studio.requests import Attachment
from cogs.layouts.parts import Post

Interaction = discord.Interaction[AtelierClient]


def actor_of(interaction: Interaction) -> Actor:
    """Say who asks, and where; raises UserError outside a server."""
    if interaction.guild_id is None or interaction.channel_id is None:
        raise UserError("Atelier works in servers only. Go to the channel of your server and try it there.")
    user = interaction.user
    roles = frozenset(role.id for role in user.roles) if isinstance(user, discord.Member) else frozenset[int]()
    return Actor(
        guild_id=interaction.guild_id,
        user_id=user.id,
        channel_id=interaction.channel_id,
        roles=roles,
        manages=interaction.permissions.manage_guild or interaction.permissions.administrator,
    )


def attached(file: discord.Attachment) -> Attachment:
    """Take over where an attached file lies, what it is called and how large it is."""
    return Attachment(url=file.url, name=file.filename, size=file.size)


async def think(interaction: Interaction, *, ephemeral: bool) -> int | None:
    """Acknowledge at once, as Discord gives three seconds; returns the id of the message that waits for its content."""
    interaction.extras[PRIVATE] = ephemeral
    response = await _defer(interaction, ephemeral=ephemeral, thinking=True)
    return response.message_id if response else None


async def acknowledge(interaction: Interaction) -> None:
    """Acknowledge a press whose message will change."""
    await _defer(interaction)


async def _defer(interaction: Interaction, **options: bool) -> Any:
    defer = partial(interaction.response.defer, **options)
    try:
        try:
            return await defer()
        except (aiohttp.ClientError, ConnectionError):
            return await defer()  # there are seconds left, and it tells whether the first got through
    except discord.HTTPException as refusal:
        if refusal.code != ALREADY_ACKNOWLEDGED:
            raise
        return None  # an earlier try of this very request got through although its answer was lost


async def show(interaction: Interaction, post: Post) -> int:
    """Put a layout into the first answer, or into the message whose button was pressed; returns its id."""
    message = await interaction.edit_original_response(view=post.view, attachments=list(post.files))
    return message.id
