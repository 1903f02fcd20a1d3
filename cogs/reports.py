"""How the owner of an upload hears of it: their place in line, then the report, also after Discord's 15 minutes."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import partial

import aiohttp
import discord

from bot.dataset.line import Moved
from bot.errors import UserError
from bot.views.drafts import Draft
from cogs.interactions import Interaction, show
from cogs.layouts import vetting as layouts
from cogs.layouts.parts import Post
from cogs.posting import EXPIRED_TOKEN, LATE, Poster, Refused, Unreachable

log = logging.getLogger(__name__)


@asynccontextmanager
async def place_told(interaction: Interaction) -> AsyncGenerator[Moved]:
    """Show in the answer to a command how the line moves; what is being written is finished before the end."""
    moves: asyncio.Queue[tuple[int, float] | None] = asyncio.Queue()
    telling = asyncio.create_task(_tell(interaction, moves), name=f"line of {interaction.id}")
    try:
        yield lambda ahead, seconds: moves.put_nowait((ahead, seconds))
    finally:
        moves.put_nowait(None)
        await telling


async def _tell(interaction: Interaction, moves: asyncio.Queue[tuple[int, float] | None]) -> None:
    while (move := await moves.get()) is not None:
        while not moves.empty() and move is not None:
            move = moves.get_nowait()  # only the last one still holds
        if move is None:
            return
        try:
            await show(interaction, layouts.in_line(*move))
        except discord.HTTPException as refusal:
            log.info("interaction %s: its place in line is not shown: %s", interaction.id, refusal)
            if refusal.code == EXPIRED_TOKEN:
                return
        except (aiohttp.ClientError, ConnectionError, TimeoutError) as error:
            log.info("interaction %s: its place in line may not be shown: %r", interaction.id, error)
            await asyncio.sleep(LATE)  # else it could still cover what is shown next


async def hand_over(interaction: Interaction, draft: Draft) -> None:
    """Show a report to its owner alone; where it took too long to answer, have a message in the channel offer it."""
    if await _answered(interaction, lambda: layouts.report(draft)):
        return
    dataset, poster = draft.dataset, Poster(interaction.client)
    nonce = f"{dataset.id}v"
    try:
        make = partial(layouts.ready, draft)
        await poster.send(dataset.channel_id, make, nonce=nonce, look_first=False, mention=dataset.owner_id)
    except Refused:
        make = partial(layouts.ready_elsewhere, draft)
        await _write(poster, dataset.owner_id, make, nonce)
    except Unreachable:
        log.warning("upload %s: its report could not be offered to anybody", dataset.id)


async def refuse(interaction: Interaction, refusal: UserError) -> None:
    """Tell an owner in private why an upload is not taken."""
    log.info("interaction %s refused: %s", interaction.id, refusal.text)
    make = partial(layouts.refused, refusal.text)
    if not await _answered(interaction, make):
        await _write(Poster(interaction.client), interaction.user.id, make, f"{interaction.id}v")


async def _answered(interaction: Interaction, make: Callable[[], Post]) -> bool:
    try:
        await show(interaction, make())
    except discord.HTTPException as refusal:
        if refusal.code != EXPIRED_TOKEN:
            raise
        return False
    return True


async def _write(poster: Poster, user_id: int, make: Callable[[], Post], nonce: str) -> None:
    try:
        await poster.send_direct(user_id, make, nonce=nonce, look_first=False)
    except (Refused, Unreachable) as error:
        log.warning("member %s could not be told what became of an upload: %r", user_id, error)
