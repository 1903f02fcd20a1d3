"""How far Discord is with answering the bot, so that no person acts on an answer which the bot has not received."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager


class Answers:
    """Numbers the bot's requests in the order in which they took effect, and knows whose answers are on the wire."""

    def __init__(self) -> None:
        self.given = 0  # how many requests took effect so far
        self._unwritten: set[int] = set()
        self._news = asyncio.Event()

    @property
    def written(self) -> int:
        """How many of the first requests have their answers on the wire, without a gap."""
        return min(self._unwritten, default=self.given + 1) - 1

    @contextmanager
    def giving(self) -> Generator[None]:
        """Count a request whose effect and answer are within this block."""
        self.given += 1
        number = self.given
        self._unwritten.add(number)
        try:
            yield
        finally:
            self._unwritten.remove(number)
            self._news.set()

    async def wait_written(self, count: int) -> None:
        """Return once the first `count` answers are on the wire, or their connections have ended."""
        while self.written < count:
            self._news.clear()
            await self._news.wait()
