"""Spreads what many want at once over time, first come first served; it knows nothing of what is done."""

import asyncio


class RateLimit:
    """Lets `burst` pass at once and `per_second` after them: in no second more than both together."""

    def __init__(self, per_second: float, burst: int = 1) -> None:
        self._gap = 1 / per_second
        self._credit = burst * self._gap
        self._next = 0.0
        """On the loop's clock: when the next may pass if nothing had been saved up."""

    async def turn(self) -> None:
        """Wait until it is this caller's turn."""
        now = asyncio.get_running_loop().time()
        self._next = max(self._next, now - self._credit) + self._gap
        if self._next > now:
            await asyncio.sleep(self._next - now)
