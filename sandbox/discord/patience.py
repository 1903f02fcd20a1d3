"""The three seconds that a bot has for its first answer, of the time that the machine grants it."""

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path

ACKNOWLEDGE_WITHIN = 3.0  # seconds; Discord's documentation, "Receiving and Responding"


def waited(pid: int) -> float:
    """Return how many seconds a process's first thread, that of its loop, was ready to run and did not; Linux says so.

    Elsewhere, and once the process is gone, none.
    """
    try:
        _ran, waiting, _slices = Path(f"/proc/{pid}/schedstat").read_text("ascii").split()
    except (OSError, ValueError):
        return 0.0
    return int(waiting) / 1e9


class GrantedTime:
    """A clock that stands still while this process or the one it follows is kept waiting for a processor."""

    def __init__(self, waited: Callable[[int], float] = waited) -> None:
        self._waited = waited
        self._last = time.perf_counter()
        self._kept = {os.getpid(): waited(os.getpid())}  # seconds, as they were last seen
        self._now = 0.0

    def follow(self, pid: int) -> None:
        """Count what is kept from another process, in place of the one before."""
        own = os.getpid()
        self._kept = {own: self._kept[own], pid: self._waited(pid)}

    def now(self) -> float:
        """Return the seconds so far."""
        moment, kept = time.perf_counter(), {pid: self._waited(pid) for pid in self._kept}
        # Both may have waited at the same time: this clock never runs backwards.
        lost = sum(max(0.0, kept[pid] - self._kept[pid]) for pid in kept)
        self._now += max(0.0, moment - self._last - lost)
        self._last, self._kept = moment, kept
        return self._now


class Unanswered:
    """An action until the bot has answered it."""

    def __init__(self, clock: GrantedTime) -> None:
        self._clock = clock
        self._answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.told()

    def told(self) -> None:
        """Let the three seconds begin: the bot is told now."""
        self._since, self._began = time.perf_counter(), self._clock.now()

    async def wait(self) -> None:
        """Return once the bot has answered or its time is over."""
        while not self._answer.done() and (left := self._began + ACKNOWLEDGE_WITHIN - self._clock.now()) > 0:
            await asyncio.wait((self._answer,), timeout=left)

    def end(self, arrived: float) -> float | None:
        """Note the answer; returns how many seconds it took by the performance counter, None if it was noted before."""
        if self._answer.done():
            return None
        self._answer.set_result(None)
        return arrived - self._since
