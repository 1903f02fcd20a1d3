"""A whole Discord: state, hosts, people, faults and rules in one object; knows not what carries it."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import discord
from aiohttp import web
from simcord.backend import serializers
from simcord.builders import ChannelHandle, GuildHandle

from sandbox.discord import corrections
from sandbox.discord.answers import Answers
from sandbox.discord.cdn import Cdn, Signer
from sandbox.discord.faults import Faults
from sandbox.discord.gateway import Gateway
from sandbox.discord.identity import stable_id
from sandbox.discord.live import LiveEnv, Payload
from sandbox.discord.people import Person
from sandbox.discord.rest import Rest
from sandbox.discord.starts import Starts
from sandbox.discord.watching import FOREVER, watch

T = TypeVar("T")
TOKEN = "MTAxNDI3NTkyMTQ0NTU0NDAwMA.GsandB.an-invented-token-of-the-sandbox-00000"  # noqa: S105  # opens nothing


class Discord:
    """SimCord's world served like Discord's: REST, gateway, files.

    `directory` keeps the registered commands, which Discord too remembers when a bot restarts. Ids follow from names,
    so they are the same in every run; `application_id` may be set.
    """

    def __init__(
        self, directory: Path, *, token: str = TOKEN, application_id: int | None = None, name: str = "Atelier"
    ) -> None:
        self.token = token
        self.env = LiveEnv(application_id or stable_id("application", name), name)
        self.backend = self.env.backend
        self.faults = Faults()
        self.signer = Signer(lambda: self.backend.clock.now().timestamp())
        answers = Answers()
        self.starts = Starts(lambda: self.backend.clock.now().timestamp())
        self.rest = Rest(self.env, token, self.faults, self.signer, answers=answers, starts=self.starts)
        self.gateway = Gateway(self.env, token, self.faults, self.signer, answers=answers, starts=self.starts)
        self.cdn = Cdn(self.backend.files.get, self.signer, self.faults)
        self._commands_file, self._kept = directory / "discord-commands.json", ""

    def apps(self) -> dict[str, web.Application]:
        """Return the application behind each host."""
        return {
            "discord.com": self.rest.app,
            "gateway.discord.gg": self.gateway.app,
            "cdn.discordapp.com": self.cdn.app,
            "media.discordapp.net": self.cdn.app,
        }

    async def start(self) -> None:
        """Come to life with the commands that were registered last time."""
        await self.env.start()
        if self._commands_file.exists():
            self._recall_commands()
        self.backend.subscribers.append(self._on_event)
        self.backend.watchers.append(lambda message: None if message else self._keep_commands())

    async def stop(self) -> None:
        """Close the page; connections are closed by whoever serves `apps`."""
        await self.env.shutdown()

    @property
    def bot_id(self) -> int:
        """The bot's user and application id."""
        return self.backend.application_id

    @property
    def commands(self) -> dict[str, Payload]:
        """The global commands that the bot registered, by name."""
        return {name: command for (name, _kind), command in self.backend.commands.get(None, {}).items()}

    def guild(self, name: str, *, boosts: int = 0, guild_id: int | None = None) -> GuildHandle:
        """Create a guild that the bot is in; `boosts` is its tier, 0 to 3."""
        owner = self.person(f"{name.casefold().replace(' ', '-')}-owner")
        guild_id = guild_id or stable_id("guild", name)
        self.backend.boosts[guild_id] = boosts
        return self.env.create_guild(name, id=guild_id, owner=owner.user)

    def channel(
        self, guild: GuildHandle, name: str, *, topic: str | None = None, age_restricted: bool = False, **options: Any
    ) -> ChannelHandle:
        """Create a text channel; options are SimCord's (overwrites)."""
        channel_id = stable_id("channel", guild.id, name)
        if age_restricted:
            self.backend.age_restricted.add(channel_id)
        self.backend.next_id(channel_id)
        return guild.create_text_channel(name, topic=topic, **options)

    def person(self, name: str, *guilds: GuildHandle, locale: str = "en-US", lead: bool = False) -> Person:
        """Create a person who is in these guilds; a lead has a role with administrator rights in each."""
        user_id = stable_id("user", name)
        self.backend.next_id(user_id)
        person = Person(self.env, self.env.create_user(name))
        self.backend.locales[user_id] = locale
        self.backend.next_id(stable_id("direct messages", user_id))
        self.backend.get_dm_channel(user_id)
        for guild in guilds:
            roles = [self._lead_role(guild)] if lead else []
            person.join(guild, roles=roles)
        return person

    def travel(self, seconds: float) -> None:
        """Move this Discord's clock forward: tokens, files and nonces age; nobody else's clock does."""
        self.backend.advance_clock(seconds)

    async def wait_until(self, condition: Callable[[], T | None], within: float = FOREVER) -> T:
        """Return the first true value of the condition, looked at whenever the world changes; TimeoutError after."""
        return condition() or await watch(self.backend, lambda _changed: condition(), within)

    def _lead_role(self, guild: GuildHandle) -> Any:
        self.backend.next_id(stable_id("role", guild.id, "lead"))
        return guild.create_role("lead", permissions=discord.Permissions(administrator=True))

    def _on_event(self, event: str, payload: Mapping[str, Any]) -> None:
        """Give an event what SimCord leaves out, and deliver it."""
        if event == "INTERACTION_CREATE":
            payload = {**payload, **self._context(payload)}
        self.gateway.feed(event, payload)

    def _context(self, interaction: Mapping[str, Any]) -> Payload:
        user = interaction["member"]["user"] if "member" in interaction else interaction["user"]
        guild = self.backend.guilds.get(int(interaction.get("guild_id") or 0))
        context: Payload = {
            "locale": self.backend.locales.get(int(user["id"]), "en-US"),
            "attachment_size_limit": self.backend.upload_limit(guild.id if guild else None),
            "authorizing_integration_owners": {"0": interaction.get("guild_id") or "0"},
        }
        if guild is not None:
            features = serializers.guild_create_payload(self.backend, guild)["features"]
            language = guild.preferred_locale
            context["guild"] = {"id": str(guild.id), "locale": language, "features": features}
            context["guild_locale"] = language
        return context

    def _keep_commands(self) -> None:
        kept = json.dumps([(guild_id, list(known.values())) for guild_id, known in self.backend.commands.items()])
        if kept != self._kept:
            self._commands_file.write_text(kept)
            self._kept = kept

    def _recall_commands(self) -> None:
        for guild_id, commands in json.loads(self._commands_file.read_text()):
            corrections.register(self.backend, guild_id, commands)
