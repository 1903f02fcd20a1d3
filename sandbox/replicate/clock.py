"""Time in the sandbox: real dates, waiting that can be sped up."""

import asyncio
from datetime import UTC, datetime


def now() -> datetime:
    """Return the date and time, with its zone."""
    return datetime.now(UTC)


def stamp(moment: datetime | None, *, digits: int = 6) -> str | None:
    """Write a moment as the API does: microseconds and a Z (creation replies have milliseconds)."""
    if moment is None:
        return None
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    return f"{text[: len(text) - (6 - digits)]}Z"


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
