"""Waiting for the world to change: events, not sleeps."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from simcord.backend.models import Message

from sandbox.discord.live import LiveBackend

T = TypeVar("T")
FOREVER = 300.0  # seconds after which what is waited for will not come; far beyond what a busy machine needs


async def watch(backend: LiveBackend, look: Callable[[Message | None], T | None], within: float = FOREVER) -> T:
    """Return the first true thing that `look` finds, called at every change of the world.

    TimeoutError after so many seconds; what `look` raises is raised here.
    """
    found: asyncio.Future[T] = asyncio.get_running_loop().create_future()

    def watcher(changed: Message | None) -> None:
        if found.done():
            return
        try:
            result = look(changed)
        except Exception as error:  # noqa: BLE001  # it belongs to whoever waits, not to the request that changed things
            found.set_exception(error)
        else:
            if result:
                found.set_result(result)

    backend.watchers.append(watcher)
    try:
        return await asyncio.wait_for(found, within)
    finally:
        backend.watchers.remove(watcher)
