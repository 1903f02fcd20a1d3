"""What flows and use cases work with, gathered in one bag; `bot.house.wire` fills it, for the bot and for tests."""

import logging
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot import metrics
from bot.dataset.workshop import Workshop
from bot.disk import Disk
from bot.domain import outcomes
from bot.domain.copies import Copy
from bot.domain.entities import Generation, Job, JobState, Progress
from bot.domain.money import PriceList
from bot.downloads import Downloads
from bot.errors import RemoteRefused
from bot.flows.costs import charge
from bot.flows.engine import Engine
from bot.flows.keeping import Keeper
from bot.flows.submitting import WATCHED, GaveUp, Order, Submitter
from bot.follow import Follower
from bot.hugging_face import Hub
from bot.replicate_api import Replicate, Run, RunKind
from bot.store import Budgets, Store
from bot.store.jobs import J, Jobs
from bot.vocabulary import Vocabulary

logger = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Services:
    """Everything that a flow or a use case may touch."""

    store: Store
    remote: Replicate
    engine: Engine
    follower: Follower
    submitter: Submitter
    downloads: Downloads
    keeper: Keeper
    hub: Hub
    workshop: Workshop
    disk: Disk
    vocabulary: Vocabulary
    data: Path
    """The data directory."""
    prices: PriceList
    budgets: Budgets
    trainer: str
    """owner/name of the trainer, with :version where the operator insists on one."""
    copies: Sequence[Copy]
    """Where trainings are copied to, besides Replicate."""
    enrich_model: str
    """owner/name of the language model that rewrites prompts; empty where there is none."""
    boot: str
    """Names this process among all that ever ran."""
    dice: random.Random
    """Throws what is left to chance: seeds."""
    owner: str = ""
    """The account at Replicate that owns the models, once it was looked up."""
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
