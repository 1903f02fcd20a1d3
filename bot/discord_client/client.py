"""The Discord client: loads the cogs, registers their commands, sends every error to one place; knows no use case."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands
from discord.utils import MISSING

from bot.discord_client.apologies import apologise
from bot.discord_client.registration import Registration
from bot.discord_client.shared import Shared
from bot.errors import UserError
from bot.studio import Studio

log = logging.getLogger(__name__)

discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # a start warned of what only voices need
PATIENCE = 60.0  # seconds that a request may wait for Discord's rate limit before its sender decides anew
REMEMBERED = 10_000  # interactions; a session replays some minutes at most
CLOSING = UserError("Atelier is restarting. Jobs that run go on; try again in a minute.")
OUTDATED_FORM = UserError("This form is from an older version. Open it again, and type anew what you typed.")
Shrink = Callable[[Path, int], bytes]


async def _nothing() -> None:
    """Do nothing; what the hooks are until somebody gives them."""


class AtelierTree(app_commands.CommandTree["AtelierClient"]):
    """The commands; while the client closes they are refused, and their errors end in one place."""

    async def interaction_check(self, interaction: "discord.Interaction[AtelierClient]", /) -> bool:
        """Let nothing start twice, and nothing new while the client closes."""
        if self.client.closing and interaction.type is not discord.InteractionType.autocomplete:
            await apologise(interaction, CLOSING)
        return not self.client.closing and self.client.is_new(interaction)

    async def on_error(
        self, interaction: "discord.Interaction[AtelierClient]", error: app_commands.AppCommandError, /
    ) -> None:
        """Tell the member."""
        await apologise(interaction, error)


class AtelierClient(commands.Bot):
    """Discord's side.

    extensions are the names of the modules with cogs, which fill `shared`. on_setup runs when all is loaded
    and Discord has not been asked for anything; on_close runs when nothing new is accepted and Discord can still be
    written to.
    """

    def __init__(
        self,
        *,
        studio: Studio,
        extensions: Sequence[str],
        data_dir: Path,
        shrink: Shrink,
        guild_id: int | None = None,
        proxy: str | None = None,
        on_setup: Callable[[], Awaitable[None]] = _nothing,
        on_close: Callable[[], Awaitable[None]] = _nothing,
    ) -> None:
        super().__init__(
            commands.when_mentioned,  # there are no text commands; the library wants a prefix
            help_command=None,
            intents=discord.Intents(guilds=True),
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            allowed_mentions=discord.AllowedMentions.none(),
            max_ratelimit_timeout=PATIENCE,
            proxy=proxy,
            tree_cls=AtelierTree,
            allowed_contexts=app_commands.AppCommandContext(guild=True),
            allowed_installs=app_commands.AppInstallationType(guild=True),
        )
        self.studio = studio
        self.shrink = shrink
        self.closing = False
        self.logged_in = asyncio.Event()
        """Set once Discord can be written to."""
        self.shared = Shared()
        self._received: OrderedDict[int, None] = OrderedDict()
        self._extension_names = tuple(extensions)
        self._guild = discord.Object(guild_id) if guild_id else None
        self.registration = Registration(self, data_dir / "commands.sha256", self._guild)
        self._on_setup = on_setup
        self._on_close = on_close
        self._is_set_up = False
        self._registering: asyncio.Task[None] | None = None

    @property
    def is_connected(self) -> bool:
        """Tell whether commands arrive."""
        return self.is_ready() and self.ws.open and not self.closing

    async def set_up(self) -> None:
        """Load the cogs and let the jobs begin, once: what Replicate made is lost after an hour, Discord or not."""
        if not self._is_set_up:
            self._is_set_up = True
            await self.load_cogs()
            await self._on_setup()

    async def login(self, token: str) -> None:
        """Log in; what fails can be tried again, for which the library keeps too much of the first try."""
        try:
            await super().login(token)
        finally:
            if not self.logged_in.is_set():
                await self.http.close()
                self.http.clear()
                self.http.connector = MISSING

    async def setup_hook(self) -> None:
        """Register the commands where they changed, now or, where Discord has no time for it, later."""
        await self.set_up()
        self.logged_in.set()
        if not await self.registration.try_once():
            self._registering = asyncio.create_task(self._register_later(), name="registering")

    async def _register_later(self) -> None:
        while not self.registration.done:
            await asyncio.sleep(self.registration.again)
            await self.registration.try_once()

    async def load_cogs(self) -> None:
        """Load every extension; with a guild given, its commands are that guild's."""
        for name in self._extension_names:
            await self.load_extension(name)
        if self._guild:
            self.tree.copy_global_to(guild=self._guild)

    def is_new(self, interaction: discord.Interaction[Any]) -> bool:
        """Tell whether an interaction is here for the first time; what a resumed session replays may come twice."""
        is_new = interaction.id not in self._received
        self._received[interaction.id] = None
        if len(self._received) > REMEMBERED:
            self._received.popitem(last=False)
        return is_new

    async def on_interaction(self, interaction: "discord.Interaction[AtelierClient]") -> None:
        """Take a form that was sent. Its id says what to do: it may have been opened before a restart, or be here
        before Discord's answer to its opening."""
        if interaction.type is not discord.InteractionType.modal_submit or not self.is_new(interaction):
            return
        data: Any = interaction.data
        verb, _, row_id = data["custom_id"].partition(":")
        try:
            if self.closing:
                raise CLOSING  # noqa: TRY301 - what a member did wrong and what is wrong now end in one place
            handler = self.shared.forms.get(verb)
            if handler is None:
                raise OUTDATED_FORM  # noqa: TRY301
            await handler(interaction, row_id)
        except Exception as error:  # noqa: BLE001 - the library would only log it, and the member would never know
            await apologise(interaction, error)

    async def close(self) -> None:
        """Accept nothing new, let the jobs be put down, then leave Discord."""
        if not self.closing:
            self.closing = True
            if self._registering:
                self._registering.cancel()
            await self._on_close()
        await super().close()
