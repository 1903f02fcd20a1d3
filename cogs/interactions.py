"""What every cog does with an interaction: who asks, the first answer, forms."""

from functools import partial
from typing import Any

import aiohttp
import discord

from bot.apologies import ALREADY_ACKNOWLEDGED, PRIVATE, apologise
from bot.client import CLOSING, AtelierClient
from bot.domain.entities import Actor
from bot.errors import UserError
from bot.studio.requests import Attachment
from cogs.layouts.parts import Post

Interaction = discord.Interaction[AtelierClient]
FORM_LIFETIME = 3600.0  # seconds that a member may take to fill in a form


def actor_of(interaction: Interaction) -> Actor:
    """Say who asks, and where; raises UserError outside a server."""
    if interaction.guild_id is None or interaction.channel_id is None:
        raise UserError("Atelier works in servers only. Go to the channel of your server and try it there.")
    return Actor(guild_id=interaction.guild_id, user_id=interaction.user.id, channel_id=interaction.channel_id)


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


class Form(discord.ui.Modal):
    """A form; it can be sent until it is closed by its lifetime or by a restart, which the client then says."""

    def __init__(self, client: AtelierClient, title: str) -> None:
        super().__init__(title=title, timeout=FORM_LIFETIME)
        self._open_forms = client.open_forms
        self._open_forms.add(self.custom_id)

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Let nothing start twice, and nothing new while the client closes."""
        if interaction.client.closing:
            raise CLOSING
        return bool(interaction.client.is_new(interaction))

    async def on_error(self, interaction: discord.Interaction[Any], error: Exception, /) -> None:
        """Tell the member."""
        await apologise(interaction, error)

    async def on_timeout(self) -> None:
        """Forget the form."""
        self._open_forms.discard(self.custom_id)

    def stop(self) -> None:
        """Forget the form once it has been dealt with."""
        self._open_forms.discard(self.custom_id)
        super().stop()
