"""What a person sees: messages as plain text, with their buttons, menus and files; changes nothing."""
# SimCord's handles keep the message and the interaction that they stand for to themselves:
# pyright: reportPrivateUsage=false

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from simcord.backend.models import Message as Stored
from simcord.components import walk_components
from simcord.results import InteractionResult, ResponseMessage

from sandbox.discord.live import LiveEnv, Payload
from sandbox.discord.rest import LOADING

BUTTON, STRING_SELECT, SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR = 2, 3, 9, 10, 11, 12, 13, 14
COMPONENTS_V2 = 1 << 15


@dataclass(frozen=True)
class Button:
    """A button as a person sees it; `custom_id` is None on links."""

    label: str
    custom_id: str | None
    disabled: bool
    url: str | None = None


@dataclass(frozen=True)
class File:
    """A file under a message; `alt` is its description."""

    name: str
    data: bytes
    content_type: str
    alt: str


class Message(ResponseMessage):
    """A message as it is now; it changes as the bot edits it."""

    _env: LiveEnv

    def __init__(self, env: LiveEnv, stored: Stored) -> None:
        super().__init__(env, stored)

    @property
    def author(self) -> str:
        """The name above the message."""
        return self._message.author_name or self._env.backend.users[self._message.author_id].name

    @property
    def by_bot(self) -> bool:
        """Whether the bot wrote it."""
        return self._message.author_id == self._env.backend.bot_user.id

    @property
    def loading(self) -> bool:
        """Whether it still says that the bot is thinking."""
        return bool(self._message.flags & LOADING)

    @property
    def deleted(self) -> bool:
        """Whether it is gone."""
        return self.id not in self._env.backend.messages.get(self.channel_id, {})

    @property
    def pinged(self) -> set[int]:
        """The ids of the people whom it notifies."""
        return set(self._message.ping_user_ids)

    @property
    def text(self) -> str:
        """Everything readable, line by line: content, embeds, texts, file names with alt text, buttons as [label]."""
        if self.loading:
            return f"{self.author} is thinking..."
        lines = [self.content] if self.content else []
        for embed in self._message.embeds:
            lines += [str(embed[key]) for key in ("title", "description") if embed.get(key)]
            lines += [f"{field['name']}: {field['value']}" for field in embed.get("fields") or ()]
        lines += [line for component in self._message.components for line in _lines(component)]
        return "\n".join(lines)

    @property
    def number(self) -> int | None:
        """The id of its first component, which nobody sees."""
        return next((part.get("id") for part in self._message.components), None)

    @property
    def buttons(self) -> list[Button]:
        """Its buttons, in reading order."""
        return [
            Button(part.get("label") or "", part.get("custom_id"), bool(part.get("disabled")), part.get("url"))
            for part in walk_components(self._message.components)
            if part["type"] == BUTTON
        ]

    @property
    def menus(self) -> list[Payload]:
        """Its select menus, as the bot sent them."""
        return [part for part in walk_components(self._message.components) if "min_values" in part or "options" in part]

    @property
    def files(self) -> list[File]:
        """The files a person sees: all of a plain message, those shown by a component of a layout."""
        shown = {url for part in walk_components(self._message.components) for url in _media(part)}
        layout = self._message.flags & COMPONENTS_V2
        return [
            File(item["filename"], self._blob(item["url"]), item["content_type"], item.get("description") or "")
            for item in self._message.attachments
            if not layout or item["url"] in shown
        ]

    @property
    def pictures(self) -> list[File]:
        """The files that are pictures."""
        return [file for file in self.files if file.content_type.startswith("image/")]

    def button(self, label: str) -> Button:
        """Return the one button whose label contains this text."""
        found = [button for button in self.buttons if label.casefold() in button.label.casefold()]
        if len(found) != 1:
            raise LookupError(f"{len(found)} buttons say {label!r} in: {self.text}")
        return found[0]

    def _blob(self, url: str) -> bytes:
        return self._env.backend.files.get(url) or b""

    def __repr__(self) -> str:
        return f"<{'ephemeral ' if self.ephemeral else ''}message by {self.author}: {self.text!r}>"


class Answer(InteractionResult):
    """What became of an action, as far as the person who acted can see it."""

    _env: LiveEnv

    def __init__(self, env: LiveEnv, result: InteractionResult) -> None:
        super().__init__(env, result._interaction)

    @property
    def interaction_id(self) -> int:
        """Discord's id of the action."""
        return self._interaction.id

    @property
    def guild_id(self) -> int | None:
        """Where it happened; None in a direct message."""
        return self._interaction.guild_id

    @property
    def response(self) -> Message | None:
        """The message that answered, or that will once the bot has thought; None without one or if it is deleted."""
        found = super().response
        return Message(self._env, found._message) if found is not None else None

    @property
    def message(self) -> Message:
        """The response, which must be there."""
        found = self.response
        if found is None:
            raise LookupError(f"The bot gave no message: {self!r}")
        return found

    @property
    def followups(self) -> list[Message]:  # pyright: ignore[reportIncompatibleMethodOverride]  # nobody appends to it
        """Further messages."""
        return [Message(self._env, found._message) for found in super().followups]


def _media(part: Payload) -> Iterator[str]:
    for holder in (part, *(part.get("items") or ())):
        for key in ("media", "file"):
            if key in holder:
                yield holder[key]["url"]


def _lines(part: Payload) -> Iterator[str]:
    """Yield what a component shows, a line each."""
    kind = part["type"]
    if kind == TEXT:
        yield part["content"]
    elif kind == BUTTON:
        emoji: Payload = part.get("emoji") or {}
        yield f"[{part.get('label') or emoji.get('name')}]"
    elif kind == STRING_SELECT:
        yield f"[{part.get('placeholder') or ', '.join(option['label'] for option in part['options'])}]"
    elif kind == SEPARATOR:
        yield "---"
    elif kind == FILE:
        yield _name(part["file"])
    elif kind == THUMBNAIL:
        yield f"{_name(part['media'])}: {part.get('description') or ''}"
    for item in part.get("items") or ():
        yield f"{_name(item['media'])}: {item.get('description') or ''}"
    for child in part.get("components") or ():
        yield from _lines(child)
    if kind == SECTION:
        yield from _lines(part["accessory"])


def _name(media: Payload) -> Any:
    return media["url"].rpartition("/")[2]
