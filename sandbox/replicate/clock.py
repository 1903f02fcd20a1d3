"""Time in the sandbox: real dates, waiting that can be sped up."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime


def now() -> datetime:
    """Return the date and time, with its zone."""
    return datetime.now(UTC)


def stamp(moment: datetime | None, *, most: int = 9) -> str | None:
    """Write a moment as the API does: with 2 to `most` digits of the second, always the same of one moment, and a Z."""
    if moment is None:
        return None
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    nanoseconds = f"{text}{moment.microsecond % 1000:03d}"
    digits = 2 + moment.microsecond % (most - 1)
    return f"{nanoseconds[: len(nanoseconds) - (9 - digits)]}Z"


class Clock:
    """Waits `speed` times shorter than it is told."""

    def __init__(self, speed: float) -> None:
        self.speed = speed

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds` of the sandbox's time."""
        await asyncio.sleep(seconds / self.speed)

    def wall(self, seconds: float) -> float:
        """Return how many real seconds `seconds` of the sandbox's time take."""
        return seconds / self.speed


class Limits:
    """How long a job may take: its own time, which stands still while the sandbox does real work for it.

    What that work takes is the machine's business, and on a busy one it may take any time; what it would have taken
    at Replicate is waited for besides.
    """

    def __init__(self) -> None:
        self._limits: dict[
            asyncio.Timeout, float
        ] = {}  # and how many seconds each has left while the time stands still
        self.stands_still = False

    @asynccontextmanager
    async def limit(self, seconds: float | None) -> AsyncGenerator[None]:
        """Raise TimeoutError once so many real seconds of the job's own time have passed; None: never."""
        async with asyncio.timeout(seconds) as limit:
            if seconds is not None:
                self._limits[limit] = seconds
                if self.stands_still:
                    limit.reschedule(None)
            try:
                yield
            finally:
                self._limits.pop(limit, None)

    @contextmanager
    def working(self) -> Generator[None]:
        """Let the time stand still meanwhile."""
        loop, self.stands_still = asyncio.get_running_loop(), True
        for limit in self._running():
            self._limits[limit] = (limit.when() or 0.0) - loop.time()
            limit.reschedule(None)
        try:
            yield
        finally:
            self.stands_still = False
            for limit in self._running():
                limit.reschedule(loop.time() + self._limits[limit])

    def _running(self) -> list[asyncio.Timeout]:
        return [limit for limit in self._limits if not limit.expired()]
