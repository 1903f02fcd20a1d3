"""Buttons that outlive restarts: a verb and a row id, nothing else; what a verb does is the cogs' business."""

import re
from typing import Any

import discord

from bot.discord_client.apologies import apologise
from bot.discord_client.client import CLOSING
from bot.errors import UserError

Style = discord.ButtonStyle
OUTDATED = UserError("This button is from an older version and does nothing any more. Run the command again.")


class Button(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"(?s)(?P<verb>[a-z-]*):?(?P<row_id>.*)"):
    """A button known by its verb and a row id; who may press it is looked up when it is pressed.

    The template takes every id, so that a button of an older version is answered too.
    """

    def __init__(self, verb: str, row_id: object, label: str | None, style: Style = Style.secondary) -> None:
        super().__init__(discord.ui.Button(label=label, style=style, custom_id=f"{verb}:{row_id}"))
        self.verb = verb
        self.row_id = str(row_id)

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "Button":
        """Rebuild the button that was pressed."""
        return cls(match["verb"], match["row_id"], getattr(item, "label", None))

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Let nothing start twice."""
        return bool(interaction.client.is_new(interaction))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Do what the verb says."""
        client = interaction.client
        press = _refuse_closing if client.closing else client.shared.presses.get(self.verb) or _refuse
        try:
            await press(interaction, self.row_id)
        except Exception as error:  # noqa: BLE001 - the library would only log it, and the member would never know
            await apologise(interaction, error)


async def _refuse(*_: object) -> None:
    raise OUTDATED


async def _refuse_closing(*_: object) -> None:
    raise CLOSING
