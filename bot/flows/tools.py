"""What flows work with, gathered in one place by the composition root."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bot import metrics
from bot.domain import outcomes
from bot.domain.entities import Generation, Job, JobState, Progress
from bot.domain.money import PriceList
from bot.downloads import Downloads
from bot.errors import RemoteRefused
from bot.flows.costs import charge
from bot.flows.keeping import Keeper
from bot.flows.submitting import WATCHED, GaveUp, Order, Submitter
from bot.follow import Follower
from bot.hugging_face import Hub
from bot.replicate_api import Replicate, Run, RunKind
from bot.store import Store
from bot.store.jobs import J, Jobs

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Everything a flow may touch."""

    store: Store
    remote: Replicate
    follower: Follower
    submitter: Submitter
    downloads: Downloads
    keeper: Keeper
    data: Path
    hub: Hub
    prices: PriceList
    boot: str
    """Names this process among all that ever ran."""
    progress: dict[str, Progress] = field(default_factory=dict[str, Progress])
    """How far the trainings of this process are, by job id."""
    now: Callable[[], float] = time.time

    async def submit(self, order: Order) -> Run | None:
        """Have a job's run at Replicate; where that cannot be, the job is over and None is returned."""
        state = JobState.FAILED
        try:
            run = await self.submitter.submit(order)
        except RemoteRefused as refusal:
            error, in_doubt = outcomes.refusal(refusal.status, refusal.detail), outcomes.UNCLEAR
        except GaveUp:
            error, in_doubt = outcomes.LATER, outcomes.UNCLEAR
        else:
            if run is not None:
                return run
            state, error, in_doubt = JobState.CANCELED, outcomes.CANCELED, outcomes.CANCELED_IN_DOUBT
        job = await order.jobs.read(order.job_id)
        if job.state.is_over:
            return None
        may_have_run = job.intent_at is not None
        await self.conclude(
            order.jobs, job.id, state, charge(job, None, order.measure), in_doubt if may_have_run else error
        )
        return None

    async def charge_broken(self, kind: RunKind, jobs: Jobs[J], job: J, measure: Callable[[Run], int]) -> int:
        """Say what a job is charged whose flow broke; where its run goes on, it is cancelled first.

        Where it may have a run that nobody has heard of, that is searched for, and booked in place of the estimate.
        """
        if job.cost is not None:
            return job.cost  # measured before it broke, and never to be replaced by an estimate
        run = None
        if job.remote_id:
            run = await self.follower.follow(kind, job.remote_id, within=0.0, cancel=True)
        elif job.intent_at is not None:
            await jobs.update(job.id, watch_until=self.now() + WATCHED)
        return charge(job, run, measure)

    async def conclude(self, jobs: Jobs[J], job_id: str, state: JobState, cost: int, error: str | None = None) -> None:
        """End a job and settle its money."""
        at = self.now()
        note_end(await jobs.conclude(job_id, state, cost, at, error), at)


def note_end(job: Job, at: float) -> None:
    """Log and count what became of a job, if it was ended at this time and not before: flows run again."""
    if job.ended_at != at:
        return
    logger.info("job %s is over: %s, cost %s micro-dollars", job.id, job.state, job.cost)
    kind = type(job).__name__.lower()
    metrics.job_over(kind, job.state)
    if not (isinstance(job, Generation) and job.parent_id):  # else its parent is charged for it
        metrics.charged(kind, job.cost or 0)
