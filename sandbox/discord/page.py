"""The browser face: SimCord's Preview page of one channel, kept up with what the far bot does."""
# The page's own server and revisions have no public seam:
# pyright: reportPrivateUsage=false

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

from simcord import SetupError
from simcord.builders import ChannelHandle
from simcord.preview import Preview

from sandbox.discord.people import Person
from sandbox.discord.world import Discord

REFRESH = 1.0  # seconds between two looks at the world; the browser itself asks twice a second


class PortInUseError(Exception):
    """Someone else listens on the port that was asked for."""


@dataclass(frozen=True)
class Page:
    """An open page; its address is a key to it."""

    address: str
    _preview: Preview

    async def closed(self) -> None:
        """Return when a person ends the session in the page."""
        await self._preview.wait_closed()


@asynccontextmanager
async def open_page(
    discord: Discord, channel: ChannelHandle, viewers: Sequence[Person], *, port: int = 0
) -> AsyncGenerator[Page]:
    """Serve a channel on the loopback, seen and used by any of these people, until the block ends."""
    guild = channel.guild
    members = [person.members[guild.id] if guild is not None else person.user for person in viewers]
    preview = discord.env.preview(channel, viewers=members, layout="channel", port=port)
    _forgive_old_revisions(preview)
    try:
        await preview.__aenter__()
    except SetupError as error:
        if "could not bind" in str(error):
            raise PortInUseError(f"Port {port} is in use.") from error
        raise
    following = asyncio.create_task(_follow(discord, preview))
    try:
        yield Page(preview.url, preview)
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await preview.close()


async def _follow(discord: Discord, preview: Preview) -> None:
    changed = asyncio.Event()
    discord.backend.watchers.append(lambda _message: changed.set())
    while await changed.wait() and not preview._closed:
        changed.clear()
        try:
            await preview.refresh()
        except SetupError:  # an action of a viewer is under way; it will be seen the next time
            changed.set()
        await asyncio.sleep(REFRESH)


def _forgive_old_revisions(preview: Preview) -> None:
    """Let people act on what they saw a moment ago, as on Discord; the page checks the button or command itself."""
    act = preview._action

    async def action(context_id: str | None, body: Mapping[str, Any]) -> dict[str, Any]:
        page = preview._pages.get(context_id or "")
        if page is not None and "published_revision" in body:
            body = {**body, "published_revision": page.revision}
        return await act(context_id, body)

    cast("Any", preview)._action = action
