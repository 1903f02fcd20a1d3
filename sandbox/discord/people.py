"""People: each acts at any time, beside the others, and sees an action end when the far bot has answered it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, cast

from simcord.actors import MemberActor
from simcord.backend.access import message_accessible
from simcord.backend.errors import SetupError
from simcord.backend.models import Message as Stored
from simcord.builders import ChannelHandle, GuildHandle, UserHandle

from sandbox.discord.live import LiveEnv, Payload
from sandbox.discord.seen import Answer, Message
from sandbox.discord.watching import FOREVER, watch

File = tuple[str, bytes]  # name and content


class Person:
    """A human in any number of guilds, or in a direct message; every verb returns once the bot has acknowledged it.

    What a person cannot do on Discord (a hidden command, a disabled button, a file over the limit) raises `Impossible`.
    """

    def __init__(self, env: LiveEnv, user: UserHandle) -> None:
        self.user = user
        self.members: dict[int, MemberActor] = {}
        self._env = env

    @property
    def id(self) -> int:
        """The snowflake."""
        return self.user.id

    @property
    def name(self) -> str:
        """The name that others see."""
        return self.user.name

    @property
    def mention(self) -> str:
        """The text that notifies this person."""
        return self.user.mention

    @property
    def direct(self) -> ChannelHandle:
        """The channel of direct messages with the bot."""
        return self.user.dm_channel

    def join(self, guild: GuildHandle, **options: Any) -> MemberActor:
        """Enter a guild; options are SimCord's (roles, nick)."""
        self.members[guild.id] = guild.add_member(self.user, **options)
        return self.members[guild.id]

    def leave(self, guild: GuildHandle) -> None:
        """Leave a guild."""
        guild.remove_member(self.members.pop(guild.id))

    def sees(self, message: Message | Stored) -> bool:
        """Say whether this person can read a message: the channel is open to them, nor is it another's ephemeral."""
        backend = self._env.backend
        stored = backend.messages.get(message.channel_id, {}).get(message.id)
        return stored is not None and message_accessible(backend, stored.channel_id, stored, self.id, history=True)

    def messages(self, channel: ChannelHandle) -> list[Message]:
        """Return what this person can read in a channel, oldest first."""
        stored = list(self._env.backend.messages[channel.id].values())
        return [Message(self._env, message) for message in stored if self.sees(message)]

    async def wait_for(
        self, predicate: Callable[[Message], object], within: float = FOREVER, *, after: Message | None = None
    ) -> Message:
        """Return the first message that this person sees and the predicate accepts, there already or yet to come.

        `after` leaves out that message and all older ones. TimeoutError after so many seconds.
        """

        def wanted(stored: Stored) -> Message | None:
            if (after is not None and stored.id <= after.id) or not self.sees(stored):
                return None
            message = Message(self._env, stored)
            return message if predicate(message) else None

        for messages in self._env.backend.messages.values():
            for stored in list(messages.values()):
                if found := wanted(stored):
                    return found
        return await watch(self._env.backend, lambda changed: changed and wanted(changed), within)

    async def slash(self, channel: ChannelHandle, command: str, /, **options: Any) -> Answer:
        """Run a command ("train zip"); a file is (name, bytes), an entity is its handle."""
        self._check_sizes(channel.guild.id if channel.guild else None, options.values())
        return Answer(self._env, await self._verb(channel, "slash")(command, **options))

    async def autocomplete(
        self, channel: ChannelHandle, command: str, option: str, typed: str, /, **filled: Any
    ) -> list[Payload]:
        """Type into an option and return the choices that the bot offers."""
        return await self._verb(channel, "autocomplete")(command, option, typed, **filled)

    async def context_menu(self, channel: ChannelHandle, command: str, target: "Message | Person") -> Answer:
        """Run a command of the menu of a message or of another person."""
        chosen = target.members[channel.guild.id] if isinstance(target, Person) and channel.guild else target
        return Answer(self._env, await self._verb(channel, "context_menu")(command, chosen))

    async def click(self, message: Message, label: str | None = None, *, custom_id: str | None = None) -> Answer:
        """Press the one button whose label contains this text, or that has this custom_id."""
        chosen = custom_id if label is None else message.button(label).custom_id
        return Answer(self._env, await self._at(message).click(message, custom_id=chosen))

    async def select(self, message: Message, values: Sequence[Any], *, custom_id: str | None = None) -> Answer:
        """Choose in a menu."""
        return Answer(self._env, await self._at(message).select(message, values, custom_id=custom_id))

    async def submit_modal(self, shown: Answer, values: Mapping[str, Any]) -> Answer:
        """Fill the form that `shown` opened, by custom_id, and send it; files are a list of (name, bytes)."""
        for value in values.values():
            self._check_sizes(shown.guild_id, cast("list[Any]", value) if isinstance(value, list) else (value,))
        return Answer(self._env, await self._within(shown.guild_id).submit_modal(shown, dict(values)))

    async def send(
        self, channel: ChannelHandle, content: str = "", *, reply_to: Message | None = None, files: Sequence[File] = ()
    ) -> Message:
        """Write a message."""
        self._check_sizes(channel.guild.id if channel.guild else None, files)
        if channel.guild is None:
            stored = self._env.backend.store_attachments(channel.id, files)
            sent = await self.user.send_dm(content, attachments=stored)
        else:
            sent = await self.members[channel.guild.id].send(channel, content, reply_to=reply_to, attachments=files)
        return Message(self._env, self._env.backend.get_message(channel.id, sent.id))

    async def delete(self, message: Message) -> None:
        """Delete a message, one's own or as a moderator."""
        await self._at(message).delete(message)

    async def react(self, message: Message, emoji: str, *, reacted: bool = True) -> None:
        """Add a reaction, or take it away."""
        await self._at(message).set_reaction(message, emoji, reacted=reacted)

    def _within(self, guild_id: int | None) -> MemberActor | UserHandle:
        """Return who this person is there: a member of the guild, or the user of a direct message."""
        return self.user if guild_id is None else self.members[guild_id]

    def _at(self, message: Message) -> MemberActor | UserHandle:
        return self._within(self._env.backend.get_channel(message.channel_id).guild_id)

    def _verb(self, channel: ChannelHandle, name: str) -> Callable[..., Any]:
        if channel.guild is None:
            return getattr(self.user, name)
        return partial(getattr(self.members[channel.guild.id], name), channel)

    def _check_sizes(self, guild_id: int | None, values: Iterable[Any]) -> None:
        """Refuse files (name, bytes) that Discord's own client would not send."""
        limit = self._env.backend.upload_limit(guild_id)
        for value in values:
            if isinstance(value, tuple) and len(cast("File", value)[1]) > limit:
                raise SetupError(f"Your files are too powerful: Discord takes {limit >> 20} MiB a file here.")

    def __repr__(self) -> str:
        return f"<Person {self.name}>"
