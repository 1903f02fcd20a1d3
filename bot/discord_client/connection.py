"""Stays connected to Discord: waits for what passes, ends for what does not; it knows nothing of what is said there.

It stands in the place of the library's own loop, which ends with its first connection (Rapptz/discord.py#10520),
connects again without a pause where each connection is closed, and does not know how many sessions it may still begin.
"""

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiohttp
import discord
from discord.gateway import DiscordWebSocket, ReconnectWebSocket

from bot.discord_client.client import AtelierClient
from bot.errors import AtelierError

logger = logging.getLogger(__name__)

SHORTEST, LONGEST = 1.0, 60.0  # seconds between two tries; each pause is twice the one before
STEADY = 60.0  # seconds after which a connection was a good one, and the pauses begin anew
GAP = 5.0  # seconds that Discord wants between two sessions
HELLO = 60.0  # seconds that Discord may take to answer a connection
UNRESUMED = 6  # tries after which a session is given up: what it missed is old, and its own host may be gone
A_DAY = 86_400.0
LAST = 100  # of the 1,000 sessions that Discord allows a day; beyond them it resets the token
FINAL = {
    4004: "it does not accept DISCORD_TOKEN any more",
    4010: "it does not know this shard",
    4011: "the bot is in too many servers for one connection",
    4012: "it no longer serves the version of its gateway that this Atelier speaks",
    4013: "it does not know the intents that were asked for",
    4014: "it does not grant the intents that were asked for",
}
"""Codes with which the gateway closes for good; the documentation of Discord's opcodes."""
UNAUTHORISED, TOO_MANY_REQUESTS = 401, 429
WRONG_TOKEN = "Discord does not accept DISCORD_TOKEN. Reset it in the developer portal and put it into .env."  # noqa: S105
SECONDS = re.compile(r"\d{1,9}(?:\.\d{1,9})?", re.ASCII)
FAILURES = (
    *(discord.LoginFailure, discord.HTTPException, discord.RateLimited, discord.GatewayNotFound),
    *(discord.ConnectionClosed, ReconnectWebSocket, aiohttp.ClientError, OSError),  # a TimeoutError is an OSError
)
"""What the library lets through of what can go wrong between Discord and us."""


class Ended(AtelierError):
    """Discord will not have us, however often it is asked."""


class Connection:
    """Keeps a client logged in and connected."""

    def __init__(
        self,
        client: AtelierClient,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._sleep = sleep
        self._now = now
        self._tries = 0
        """How many did not end in a good connection, one after the other."""
        self._since: float | None = None
        """When the connection began to be listened to, if there is one."""
        self._session: Mapping[str, Any] | None = None
        """What can be resumed, as the library wants to be told."""

    async def stay(self, token: str) -> None:
        """Set the client up, log in, and stay connected until it closes; raises Ended."""
        await self._client.set_up()
        while not self._client.closing:
            try:
                await self._connect(token)
            except AtelierError:  # from what follows a login
                raise
            except Exception as error:  # noqa: BLE001 - at what Discord never sent before, the library fails anyhow
                if self._client.closing:
                    return
                if not isinstance(error, FAILURES):
                    await self._leave(error)
                await self._recover(error)

    async def _connect(self, token: str) -> None:
        """Log in unless that is done, connect, and listen until something goes wrong."""
        if not self._client.logged_in.is_set():
            await self._client.login(token)
        if self._session is None:
            await self._wait_for_a_session()
        # Not the first one waits for five seconds between HELLO and IDENTIFY; ours waits before it connects.
        begin = DiscordWebSocket.from_client(self._client, initial=True, **(self._session or {}))
        self._client.ws = await asyncio.wait_for(begin, HELLO)
        self._since = self._now()
        while True:
            await self._client.ws.poll_event()

    async def _wait_for_a_session(self) -> None:
        """Wait until another session may begin; asked each time, as restarts and other processes begin some, too."""
        _, _, limit = await self._client.http.get_bot_gateway()
        wait = rest(limit["remaining"], limit["reset_after"] / 1000)
        if wait:
            left = f"{limit['remaining']} of the {limit['total']:,} sessions of this day are left"
            logger.warning("Discord counts how often a bot begins a session, and %s: waiting %.0f s", left, wait)
            await self._sleep(wait)

    async def _leave(self, error: BaseException) -> None:
        """Leave a connection that may say more of what the library cannot read; what is missed is replayed."""
        logger.error("Discord sent what cannot be read. Tell Atelier's maintainers, with these lines:", exc_info=error)
        if self._since is not None:
            await self._client.ws.close()

    async def _recover(self, error: BaseException) -> None:
        """Wait as long as it takes for what passes; raises Ended for what does not."""
        error = error.__cause__ if isinstance(error.__cause__, discord.HTTPException) else error
        if why := final(error):
            raise Ended(why) from error
        pause = max(self._pause(error), asked_for(error))
        if pause:
            logger.warning("not connected to Discord (%s): the next try is in %.0f s", told(error), pause)
        else:
            logger.info("the connection to Discord was lost (%s) and is taken up again", told(error))
        await self._sleep(pause)

    def _pause(self, error: BaseException) -> float:
        """Choose the next pause, and what to resume after it; a good connection that ends is taken up at once."""
        shortest = SHORTEST
        if self._since is not None:
            lasted, self._since = self._now() - self._since, None
            self._session = _session(self._client.ws, error)
            if lasted >= STEADY:
                self._tries = 0
            if lasted >= SHORTEST and self._session:
                return 0.0
            if not self._session:
                shortest = GAP
        if self._tries >= UNRESUMED:
            self._session = None
        pause = max(shortest, min(LONGEST, SHORTEST * 2.0 ** min(self._tries, 30)))
        self._tries += 1
        return pause


def rest(remaining: int, reset_after: float) -> float:
    """Say how many seconds to wait before a session begins: the last ones of a day have to last until it is over."""
    return 0.0 if remaining >= LAST else min(A_DAY, reset_after / max(1, remaining))


def final(error: BaseException) -> str | None:
    """Say why no try can help, in one sentence; None for what may pass."""
    if isinstance(error, discord.ConnectionClosed) and error.code in FINAL:
        return (
            f"Discord closed the connection for good ({error.code}): {FINAL[error.code]}. Run `python -m bot doctor`."
        )
    is_refused = isinstance(error, discord.HTTPException) and error.status == UNAUTHORISED
    return WRONG_TOKEN if is_refused or isinstance(error, discord.LoginFailure) else None


def asked_for(error: BaseException) -> float:
    """Say how many seconds Discord itself asks us to wait; 0 where it says nothing."""
    if isinstance(error, discord.RateLimited):
        return min(A_DAY, error.retry_after)
    if not isinstance(error, discord.HTTPException | aiohttp.ClientResponseError):
        return 0.0
    headers = error.response.headers if isinstance(error, discord.HTTPException) else error.headers
    asked = str((headers or {}).get("Retry-After", ""))
    if SECONDS.fullmatch(asked):
        return min(A_DAY, float(asked))
    return LONGEST if error.status == TOO_MANY_REQUESTS else 0.0  # a ban of Cloudflare's that names no time


def told(error: BaseException) -> str:
    """Say in a few words what went wrong."""
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return f"the proxy answered {error.status}"
    if isinstance(error, discord.HTTPException | aiohttp.ClientResponseError):
        return f"it answered {error.status}"
    if isinstance(error, discord.ConnectionClosed):
        return f"it closed the connection with {error.code}"
    return "the connection ended" if isinstance(error, ReconnectWebSocket) else type(error).__name__


def _session(ws: DiscordWebSocket, error: BaseException) -> Mapping[str, Any] | None:
    """Take along what the next connection may resume."""
    is_void = isinstance(error, ReconnectWebSocket) and not error.resume
    if is_void or ws.session_id is None:
        return None
    return {"resume": True, "session": ws.session_id, "sequence": ws.sequence, "gateway": ws.gateway}
