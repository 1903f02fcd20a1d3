"""The key that signs webhooks: looked up once for all who wait for it, and after a failure not again for a while."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from bot.errors import RemoteError
from bot.web.signatures import Secret

logger = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 5.0, 300.0  # seconds between two look-ups; each pause is twice the one before
PATIENCE = 5.0  # seconds that a webhook waits for a look-up


class Keyring:
    """Has the key, or asks for it; whoever forges webhooks cannot make it ask more often."""

    def __init__(self, look_up: Callable[[], Awaitable[str]], clock: Callable[[], float] = time.monotonic) -> None:
        self._look_up, self._clock = look_up, clock
        self._secret: Secret | None = None
        self._looking: asyncio.Task[None] | None = None
        self._pause = FIRST_PAUSE
        self._not_before = 0.0

    async def secret(self) -> Secret | None:
        """Return the key; None while it cannot be had."""
        if self._secret is None:
            if self._looking is None and self._clock() >= self._not_before:
                self._looking = asyncio.create_task(self._look(), name="webhook key")
            if self._looking:
                await asyncio.wait([self._looking], timeout=PATIENCE)
        return self._secret

    def close(self) -> None:
        """Give a look-up up that is under way."""
        if self._looking:
            self._looking.cancel()

    async def _look(self) -> None:
        try:
            self._secret = Secret(await self._look_up())
        except (RemoteError, ValueError) as error:
            logger.warning("webhooks cannot be checked, asking again in %.0f s: %s", self._pause, error)
            self._not_before = self._clock() + self._pause
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
        finally:
            self._looking = None
