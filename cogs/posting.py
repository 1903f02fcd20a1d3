"""Sends and edits by bot token, patiently, and never twice; it knows nothing of what is said."""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, TypeVar

import aiohttp
import discord

from bot.discord_client.client import AtelierClient
from cogs.layouts.parts import Post

log = logging.getLogger(__name__)

TOO_LARGE = {40005, 50045}
UNKNOWN_MESSAGE = 10008
EXPIRED_TOKEN = 50027
PAYLOAD_TOO_LARGE, TOO_MANY_REQUESTS, SERVER_ERROR = 413, 429, 500
CLOUDFLARE_BAN = 60.0  # seconds to stay quiet after a 429 that is not Discord's own and names no time
CLOSED_CHANNEL = {10003, 10004, 50001, 50013, 50083, 160005}
"""Unknown channel, unknown guild, no access, no permission, archived thread, locked thread."""
DELAYS = (1.0, 2.0, 5.0, 15.0, 30.0, *(60.0 for _ in range(57)))  # an outage of an hour loses nothing
LATE = 2.0  # seconds after which an edit that got no answer does not take effect any more
SMALL_PRINT = "-# "
HISTORY = 100  # messages looked at for one of ours; one request

T = TypeVar("T")
Make = Callable[[], Post]
"""Makes a post anew for every try, as its files can be read once only."""


class Refused(Exception):
    """Discord will not take it, however often it is asked; code is its own, 0 where it gave none."""

    def __init__(self, code: int) -> None:
        super().__init__(f"Discord refused with code {code}")
        self.code = code


class Oversized(Refused):
    """The files are larger than this place takes."""


class Unreachable(Exception):
    """Discord could not be asked, or not be understood, for as long as one was ready to wait."""


class Poster:
    """Writes into channels and to people."""

    def __init__(self, client: AtelierClient, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._client = client
        self._sleep = sleep

    async def send(
        self,
        channel_id: int,
        make: Make,
        *,
        nonce: str,
        older: Sequence[str] = (),
        look_first: bool,
        mention: int | None = None,
        delays: Sequence[float] = DELAYS,
    ) -> int:
        """Post a message once and return its id; raises Refused or Unreachable.

        Where an earlier try may have got through, the channel is searched for a message of ours with the number of the
        nonce, or with one of the marks by which older versions knew it: a button's id, or a line of small print.
        Discord itself drops a second message with the same nonce for some minutes.
        """
        channel = self._client.get_partial_messageable(channel_id)
        mentions = (
            discord.AllowedMentions(users=[discord.Object(mention)]) if mention else discord.AllowedMentions.none()
        )

        async def attempt(unclear: bool) -> int:
            return await self._send_once(channel, make, nonce, mentions, older if unclear or look_first else None)

        return await self._retrying(attempt, delays)

    async def send_direct(
        self, user_id: int, make: Make, *, nonce: str, older: Sequence[str] = (), look_first: bool
    ) -> int:
        """Post a direct message once and return its id; raises Refused or Unreachable."""
        nobody = discord.AllowedMentions.none()

        async def attempt(unclear: bool) -> int:
            channel = await self._client.create_dm(discord.Object(user_id))
            return await self._send_once(channel, make, nonce, nobody, older if unclear or look_first else None)

        return await self._retrying(attempt, DELAYS)

    async def edit(self, channel_id: int, message_id: int, make: Make, *, delays: Sequence[float] = DELAYS) -> None:
        """Replace what a message of ours shows; raises Refused or Unreachable."""
        message = self._client.get_partial_messageable(channel_id).get_partial_message(message_id)

        async def attempt(_: bool) -> None:
            if not await self._answer(message_id, make):
                post = make()
                # Without this the library says nothing of mentions with an edit, and Discord would heed them all.
                nobody = discord.AllowedMentions.none()
                await message.edit(view=post.view, attachments=list(post.files), allowed_mentions=nobody)

        await self._let_pass(message_id)
        try:
            await self._retrying(attempt, delays)
        except Unreachable:
            self._client.shared.doubtful_edits[message_id] = asyncio.get_running_loop().time()
            raise
        finally:
            self._client.shared.answers.pop(message_id, None)

    async def answer(self, message_id: int, make: Make, *, delays: Sequence[float]) -> bool:
        """Replace what an answer to somebody shows, if they can still be answered; raises Refused or Unreachable."""
        await self._let_pass(message_id)
        try:
            return await self._retrying(lambda _: self._answer(message_id, make), delays)
        finally:
            self._client.shared.answers.pop(message_id, None)

    async def _let_pass(self, message_id: int) -> None:
        """Wait until an earlier edit without an answer can no longer undo the next one."""
        since = self._client.shared.doubtful_edits.pop(message_id, None)
        if since is not None:
            await self._sleep(max(0.0, since + LATE - asyncio.get_running_loop().time()))

    async def _answer(self, message_id: int, make: Make) -> bool:
        """Edit in the name of who asked: Discord takes 5 edits in 5 seconds a channel by bot token, any number so."""
        interaction = self._client.shared.answers.get(message_id)
        if interaction is None or interaction.is_expired():
            return False
        post = make()
        try:
            await interaction.edit_original_response(view=post.view, attachments=list(post.files))
        except discord.HTTPException as refusal:
            if refusal.code != EXPIRED_TOKEN:
                raise
            return False
        return True

    async def _send_once(
        self,
        channel: discord.abc.Messageable,
        make: Make,
        nonce: str,
        mentions: discord.AllowedMentions,
        older: Sequence[str] | None,
    ) -> int:
        """Post, after a look for it; `older` is None where it cannot be there yet."""
        found = None if older is None else await self._find(channel, number_of(nonce), older)
        if found is not None:
            return found
        post = make()
        post.view.children[0].id = number_of(nonce)
        message = await channel.send(view=post.view, files=list(post.files), nonce=nonce, allowed_mentions=mentions)
        return message.id

    async def _find(self, channel: discord.abc.Messageable, number: int, older: Sequence[str]) -> int | None:
        me = self._client.user
        async for message in channel.history(limit=HISTORY):
            if me is None or message.author.id != me.id:
                continue
            first: Any = next(iter(message.components), None)
            if getattr(first, "id", None) == number or not set(older).isdisjoint(_marks(message.components)):
                return message.id
        return None

    async def _retrying(self, attempt: Callable[[bool], Awaitable[T]], delays: Sequence[float]) -> T:
        """Try until Discord has answered; the argument tells an attempt that an earlier one may have got through."""
        if not delays and not self._client.logged_in.is_set():
            raise Unreachable
        await self._client.logged_in.wait()
        unclear = False
        for delay in (*delays, None):
            wait = delay or 0.0
            try:
                return await attempt(unclear)
            except discord.RateLimited as later:
                wait = later.retry_after
            except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
                unclear = True
                log.warning("Discord gave no answer: %r", error)
            except discord.HTTPException as refusal:
                if refusal.status < SERVER_ERROR and refusal.status != TOO_MANY_REQUESTS:
                    raise _final(refusal) from refusal
                log.warning("Discord gave no clear answer: %r", refusal)
                if refusal.status == TOO_MANY_REQUESTS:
                    wait = max(wait, CLOUDFLARE_BAN)
                else:
                    unclear = True
            if delay is None or wait > sum(delays):
                raise Unreachable
            await self._sleep(wait)
        raise AssertionError("the last round returns or raises")


def _final(refusal: discord.HTTPException) -> Refused:
    large = refusal.status == PAYLOAD_TOO_LARGE or refusal.code in TOO_LARGE
    return Oversized(refusal.code) if large else Refused(refusal.code)


def number_of(nonce: str) -> int:
    """Give the number by which a message that was posted with this nonce is known: the id of its first component.

    Discord keeps it and shows it to nobody. Ids have 31 bits and those that Discord gives by itself are small, so 30
    are left: two of the messages that are looked at have the same number once in some millions of looks.
    """
    return 2**30 + int.from_bytes(hashlib.blake2b(nonce.encode(), digest_size=4).digest()) % 2**30


def _marks(components: Sequence[Any]) -> Iterator[str]:
    """Give the button ids and lines of small print of a message of an older version, whole: ids may begin alike.

    What a member wrote is never such a line: prompts are quoted.
    """
    for component in components:
        yield getattr(component, "custom_id", None) or ""
        lines = (getattr(component, "content", None) or "").splitlines()
        yield from (line.removeprefix(SMALL_PRINT) for line in lines if line.startswith(SMALL_PRINT))
        accessory = getattr(component, "accessory", None)
        yield from _marks([*getattr(component, "children", ()), *([accessory] if accessory else [])])
