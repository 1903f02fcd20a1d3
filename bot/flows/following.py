"""One poller for every run at Replicate; webhooks and impatient people only wake it early."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.errors import RemoteError, RemoteRefused, RemoteThrottled
from bot.replicate_api import Replicate, Run, RunKind, RunState
from bot.replicate_api.rate_limit import RateLimit

logger = logging.getLogger(__name__)

REQUESTS_PER_SECOND = 38.0  # with BURST below 50 in any second: Replicate allows 3,000 requests a minute
BURST = 10
FIRST_LOOKS = 0.25  # seconds between two looks at a young prediction
SLOWEST = {"predictions": 3.0, "trainings": 4.0}
GROWTH = 1.15  # each look waits a little longer than the one before
CANCEL_GRACE = 60.0  # seconds that Replicate gets to end what we asked it to end
MISSING_LOOKS = 20  # a run that is not found so often in a row is gone


@dataclass(eq=False)
class Watch:
    """One run that is being followed."""

    kind: RunKind
    run_id: str
    deadline: float
    """On the loop's clock: when it is cancelled for taking too long."""
    on_change: Callable[[Run], Awaitable[None]] | None
    cancel: bool
    wait: float
    """Seconds until the next look."""
    ending_since: float | None = None
    """On the loop's clock: when it was first asked to end."""
    missing: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)


class Follower:
    """Follows runs until they are over, all of them together within Replicate's limit."""

    def __init__(self, remote: Replicate, rate_limit: RateLimit | None = None) -> None:
        self._remote = remote
        self._watches: dict[str, Watch] = {}
        self._rate_limit = rate_limit or RateLimit(REQUESTS_PER_SECOND, BURST)
        """Shared with whoever else asks Replicate in numbers."""
        self._turn = asyncio.Lock()

    async def follow(
        self,
        kind: RunKind,
        run_id: str,
        *,
        within: float,
        cancel: bool = False,
        on_change: Callable[[Run], Awaitable[None]] | None = None,
    ) -> Run:
        """Wait until a run is over and return it; after `within` seconds it is cancelled and, at last, given up.

        A run that Replicate does not know, or that outlives its cancelling, is returned as failed.
        """
        clock = asyncio.get_running_loop().time
        watch = Watch(kind, run_id, clock() + within, on_change, cancel, FIRST_LOOKS)
        self._watches[run_id] = watch
        try:
            return await self._until_over(watch, clock)
        finally:
            self._watches.pop(run_id, None)

    def wake(self, run_id: str) -> None:
        """Look at a run now, if it is one of ours."""
        watch = self._watches.get(run_id)
        if watch:
            watch.wait = FIRST_LOOKS
            watch.news.set()

    def cancel(self, run_id: str) -> None:
        """Have a run cancelled, if it is being followed."""
        watch = self._watches.get(run_id)
        if watch:
            watch.cancel = True
            self.wake(run_id)

    async def _until_over(self, watch: Watch, clock: Callable[[], float]) -> Run:
        while True:
            watch.cancel = watch.cancel or clock() > watch.deadline
            if watch.cancel:
                watch.ending_since = watch.ending_since or clock()
                if clock() > watch.ending_since + CANCEL_GRACE:
                    return _given_up(watch, "it did not end when it was told to")
                await self._ask_to_end(watch)
            run = await self._look(watch)
            if run and run.state.is_over:
                return run
            if watch.missing >= MISSING_LOOKS:
                return _given_up(watch, "Replicate does not know it")
            if run and watch.on_change:
                await watch.on_change(run)
            await self._pause(watch)

    async def _look(self, watch: Watch) -> Run | None:
        await self._take_turn()
        try:
            run = await self._remote.get(watch.kind, watch.run_id)
        except RemoteThrottled as error:
            watch.wait = max(watch.wait, error.retry_after)
        except RemoteRefused as error:
            watch.missing += error.status == 404
            logger.warning("looking at %s %s: %s", watch.kind, watch.run_id, error)
        except RemoteError as error:
            logger.info("looking at %s %s: %s", watch.kind, watch.run_id, error)
        else:
            watch.missing = 0
            return run
        return None

    async def _ask_to_end(self, watch: Watch) -> None:
        await self._take_turn()
        try:
            await self._remote.cancel(watch.kind, watch.run_id)
        except RemoteError as error:
            logger.info("cancelling %s %s: %s", watch.kind, watch.run_id, error)

    async def _pause(self, watch: Watch) -> None:
        try:
            await asyncio.wait_for(watch.news.wait(), watch.wait)
        except TimeoutError:
            watch.wait = min(max(watch.wait * GROWTH, FIRST_LOOKS), SLOWEST[watch.kind])
        watch.news.clear()

    async def _take_turn(self) -> None:
        """Keep in line, one look at a time: a creation never waits for more than one."""
        async with self._turn:
            await self._rate_limit.turn()


def _given_up(watch: Watch, why: str) -> Run:
    return Run(id=watch.run_id, state=RunState.FAILED, error=f"Given up: {why}", input={}, given_up=True)
