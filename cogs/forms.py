"""Forms that outlive restarts: a verb and a row id, like buttons; what a sent one does is the cogs' business."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import discord

from bot.studio.requests import Attachment
from cogs.interactions import Interaction


class Form(discord.ui.Modal):
    """A form known by its verb and a row id: `Shared.forms` says what is done with it, whenever it is sent."""

    def __init__(self, verb: str, row_id: object, title: str) -> None:
        super().__init__(title=title, custom_id=f"{verb}:{row_id}")

    def ask(self, label: str, component: discord.ui.Item[Any], description: str | None = None) -> "Form":
        """Ask for one thing more."""
        return self.add_item(discord.ui.Label(text=label, description=description, component=component))

    async def open(self, interaction: Interaction) -> None:
        """Show it to whoever pressed or asked."""
        self.stop()  # the library would remember it until it is sent, and only once Discord has answered
        await interaction.response.send_modal(self)


@dataclass(frozen=True)
class Sent:
    """What a form was sent with, by the custom ids of its inputs."""

    values: Mapping[str, list[str]]
    attachments: Mapping[str, Attachment]

    def text(self, word: str, default: str = "") -> str:
        """Return what was typed or chosen."""
        return "".join(self.values.get(word, ())) or default

    def files(self, word: str) -> list[Attachment]:
        """Return what was attached."""
        return [self.attachments[key] for key in self.values.get(word, ())]


def sent_with(interaction: discord.Interaction[Any]) -> Sent:
    """Read a form that was sent."""
    data: Any = interaction.data
    files: dict[str, Any] = data.get("resolved", {}).get("attachments", {})
    return Sent(
        {part["custom_id"]: _values(part) for part in _inputs(data["components"]) if "custom_id" in part},
        {key: Attachment(url=one["url"], name=one["filename"], size=one["size"]) for key, one in files.items()},
    )


def _inputs(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for component in components:
        yield component
        yield from _inputs([*component.get("components", ()), *filter(None, [component.get("component")])])


def _values(part: Mapping[str, Any]) -> list[str]:
    values = part.get("values", [part.get("value")])
    return [value for value in values if value is not None]
