"""Finds runs that took effect when their requests had been given up, and ends and books them.

Replicate knows no idempotency keys, so a request that takes effect after the grace makes a second run, or one for a job
that is over, and nothing can prevent it. The row of such a job says until when Replicate's list is searched; where no
row says so, Replicate is not asked at all.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from bot import metrics
from bot.domain.entities import Job, LateRun
from bot.errors import RemoteError
from bot.flows import costs
from bot.flows.kind import Kind
from bot.flows.registry import KINDS
from bot.flows.services import Services
from bot.flows.submitting import CLOCKS, recent_since
from bot.replicate_api import Run, RunKind
from bot.store.jobs import Jobs

logger = logging.getLogger(__name__)

LOOK = 10.0  # seconds between two looks into the database, and between the first two at Replicate
GROWTH, LONGEST = 1.5, 300.0  # each look at Replicate waits longer than the one before, to so many seconds
LATE = "job %s: a request that was given up took effect late, as run %s at Replicate. "
ENDED = (
    f"{LATE}It is ended (%s), and the job's owner is charged for it, %s micro-dollars. If this happens often, "
    "set ATELIER_SUBMIT_GRACE higher. See https://replicate.com/p/%s"
)
LOST = (
    f"{LATE}It is booked at the job's estimate, as nothing is known of its end (%s). Look at it, and cancel it if it "
    "runs: https://replicate.com/p/%s"
)


class Reconciler:
    """Holds the jobs whose requests are unaccounted for against Replicate's list."""

    def __init__(self, services: Services, *, now: Callable[[], float] = time.time) -> None:
        self._services = services
        self._now = now
        self._kinds = [kind for kind in KINDS if kind.has_run]
        self._watched: set[str] = set()
        self._pause, self._due = LOOK, 0.0

    async def keep_looking(self) -> None:
        """Look for ever, beginning with what an earlier process left."""
        while True:
            try:
                await self.look()
            except Exception:  # whatever stands in the way now may not do so at the next look
                logger.exception("late runs could not be looked for; the next try is in %.0f s", LOOK)
            await asyncio.sleep(LOOK)

    async def look(self) -> None:
        """Search Replicate's list where it is time to, then end and book what was found, now or earlier."""
        watched = [(kind, job) for kind in self._kinds for job in await self._jobs(kind).watched(self._now())]
        if self._is_due({job.id for _, job in watched}):
            try:
                await self._search("predictions", [pair for pair in watched if pair[0].runs == "predictions"])
                await self._search("trainings", [pair for pair in watched if pair[0].runs == "trainings"])
            except RemoteError as error:
                logger.warning("late runs cannot be looked for, the next look tries again: %s", error)
        await asyncio.gather(*(self._end(late) for late in await self._services.store.late_runs.unsettled()))

    def _jobs(self, kind: type[Kind[Any]]) -> Jobs[Any]:
        return self._services.store.jobs(kind.entity)

    def _is_due(self, watched: set[str]) -> bool:
        """Tell whether to ask Replicate: at once for a job that is new, then less and less often."""
        if watched - self._watched:
            self._pause, self._due = LOOK, 0.0
        self._watched = watched
        if not watched or time.monotonic() < self._due:
            return False
        self._due = time.monotonic() + self._pause
        self._pause = min(self._pause * GROWTH, LONGEST)
        return True

    async def _search(self, runs: RunKind, watched: Sequence[tuple[type[Kind[Any]], Job]]) -> None:
        if not watched:
            return
        since = min(job.intent_at or 0 for _, job in watched)
        # All are read before any is taken: who has one, or waits for one, is asked after it was seen.
        listed = [run async for run in recent_since(self._services.remote, runs, since)]
        for run in listed:
            for kind, job in watched:
                if run.created_at >= (job.intent_at or 0) - CLOCKS and kind.is_of(job, run):
                    await self._take(kind, job, run)

    async def _take(self, kind: type[Kind[Any]], job: Job, run: Run) -> None:
        """Take a run for a job, unless another has it, or may have asked for the very same and not heard of it yet."""
        for other in self._kinds:
            if other.runs == kind.runs and any(other.is_of(one, run) for one in await self._jobs(other).undecided()):
                return
        late = LateRun(run_id=run.id, jobs=kind.entity.table, job_id=job.id, found_at=self._now())
        if await self._services.store.late_runs.claim(late, job):
            logger.info("job %s has a late run, %s at Replicate, which is cancelled", job.id, run.id)

    async def _end(self, late: LateRun) -> None:
        """Cancel a run, wait for its end, book what it cost, and tell the operator."""
        kind = next(kind for kind in self._kinds if kind.entity.table == late.jobs)
        run = await self._services.follower.follow(kind.runs, late.run_id, within=0, cancel=True)
        job = await self._jobs(kind).get(late.job_id)
        cost = costs.charge(job, run, partial(kind.cost, self._services.prices, job))
        await self._services.store.late_runs.settle(late.run_id, cost)
        metrics.late_run(late.jobs)
        metrics.charged("late run", cost)
        _tell(late, run, cost)


def _tell(late: LateRun, run: Run, cost: int) -> None:
    if run.given_up:
        logger.error(LOST, late.job_id, late.run_id, run.error, late.run_id)
    else:
        logger.warning(ENDED, late.job_id, late.run_id, run.state, cost, late.run_id)
