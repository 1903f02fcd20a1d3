"""How many sessions a bot may still begin today; beyond them Discord resets its token."""

from collections.abc import Callable
from typing import Any

A_DAY = 86_400.0


class Starts:
    """Discord's session start limit: so many IDENTIFYs in a day, which begins with the first of them."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.total = 1000
        self.day = A_DAY
        self.left = self.total
        self.exceeded = False
        """Whether a bot began more sessions than it may, and lost its token."""
        self._now = now
        self._ends = 0.0

    def take(self) -> bool:
        """Count a session; tells whether it may begin."""
        self._renew()
        if self.left == self.total:
            self._ends = self._now() + self.day
        self.left -= 1
        self.exceeded |= self.left < 0
        return not self.exceeded

    def leave(self, left: int, seconds: float) -> None:
        """Leave so many sessions for so many seconds."""
        self.left, self._ends = left, self._now() + seconds

    def told(self) -> dict[str, Any]:
        """Say what GET /gateway/bot does."""
        self._renew()
        wait = self._ends - self._now() if self.left < self.total else 0.0
        return {
            "total": self.total,
            "remaining": max(0, self.left),
            "reset_after": round(1000 * wait),
            "max_concurrency": 1,
        }

    def _renew(self) -> None:
        if self._now() >= self._ends:
            self.left = self.total
