"""The life of a job, written once for all kinds: begun, submitted, followed, charged, ended, told.

A kind of job is a subclass of `Kind` in a file of its own and a row of `registry.KINDS`. It says how its job is asked
for at Replicate, recognised, priced and told, and what is to be done between its acceptance and its end.
"""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from bot import metrics
from bot.domain import outcomes
from bot.domain.entities import Generation, Job, JobState
from bot.domain.money import PriceList
from bot.domain.notices import Notice
from bot.errors import RemoteRefused
from bot.flows.announcing import Announcer, Delivery
from bot.flows.costs import charge
from bot.flows.engine import retrying
from bot.flows.services import Services
from bot.flows.submitting import WATCHED, GaveUp, Submission
from bot.replicate_api import Run, RunKind
from bot.store import Store
from bot.store.jobs import Jobs
from bot.views.outcomes import Outcome

logger = logging.getLogger(__name__)
AT_ONCE = 4  # parts of one job that are worked on at the same time
J = TypeVar("J", bound=Job)
Send = Callable[[], Coroutine[Any, Any, Run]]
OnChange = Callable[[Run], Coroutine[Any, Any, None]]


class Kind(ABC, Generic[J]):
    """One kind of job: what it says of itself, and the life that it shares with all others."""

    name: ClassVar[str]
    """What logs and the engine call it."""
    entity: ClassVar[type[Any]]
    """What its job is."""
    runs: ClassVar[RunKind] = "predictions"
    """What its run is at Replicate."""
    has_run: ClassVar[bool] = True
    """Whether it has a run of its own, or only its parts do, which are generations."""
    keeps_status: ClassVar[bool] = False
    """Whether its status has a message of its own, which is not the one of its result."""
    is_listed: ClassVar[bool] = True
    """Whether members find it in /jobs."""
    ends_its_parts: ClassVar[bool] = False
    """Whether cancelling it cancels its parts."""

    def __init__(self, services: Services, announcer: Announcer, kinds: Mapping[type[Job], "Kind[Any]"]) -> None:
        self.services = services
        self.announcer = announcer
        self.kinds = kinds
        """All of them, by their entities."""
        self.jobs: Jobs[J] = services.store.jobs(self.entity)
        self._untold: set[str] = set()
        """What ended in this process, so that nobody can have told of it before."""

    # What a kind says of itself

    @abstractmethod
    async def work(self, job_id: str) -> None:
        """Bring a job to its end, from wherever its row says that it stands; safe to be run again."""

    @staticmethod
    @abstractmethod
    async def outcome(store: Store, data: Path, job: J) -> Outcome:
        """Gather what there is to tell of a job that is over; raises LookupError where nothing is left of it."""

    async def told(self, job: J) -> Outcome:
        """Gather what is told of a job; raises LookupError where nothing is left of it."""
        return await self.outcome(self.services.store, self.services.data, job)

    @staticmethod
    def is_of(job: Any, run: Run) -> bool:
        """Recognise a job's run among all others."""
        return False

    @staticmethod
    def cost(prices: PriceList, job: Any, run: Run, /) -> int:
        """Say what a run that is over did cost, in micro-dollars."""
        return 0

    @staticmethod
    def deleted(job: Any, /) -> str:
        """Say that its result is no longer there, and what to do."""
        return f"The result of {job.id} is deleted. Run its command anew."

    async def clean_up(self, job: J) -> None:
        """Clear away what only a job that was not over needed."""

    # The life that all share

    async def run(self, job_id: str) -> None:
        """Bring a job to its end, and tell."""
        await self.work(job_id)
        await retrying(self.tell, job_id)

    async def fail(self, job_id: str, error_id: str) -> None:
        """End a job whose flow broke, with its run and its parts, and tell."""
        await self.end_broken(job_id, outcomes.broken(error_id))
        await self.tell(job_id)

    async def unfinished(self, before: float) -> Sequence[str]:
        """List the jobs accepted before a time that are not over, or whose end nobody was told."""
        return [job.id for job in await self.jobs.unfinished(before)]

    async def submit(self, job: J, send: Send, recognise: Callable[[Run], bool] | None = None) -> Run | None:
        """Have a job's run at Replicate; where that cannot be, the job is over and None is returned."""
        recognise = recognise or partial(self.is_of, job)
        state = JobState.FAILED
        try:
            run = await self.services.submitter.submit(Submission(self.runs, self.jobs, job.id, send, recognise))
        except RemoteRefused as refusal:
            error, in_doubt = outcomes.refusal(refusal.status, refusal.detail), outcomes.UNCLEAR
        except GaveUp:
            error, in_doubt = outcomes.LATER, outcomes.UNCLEAR
        else:
            if run is not None:
                return run
            state, error, in_doubt = JobState.CANCELED, outcomes.CANCELED, outcomes.CANCELED_IN_DOUBT
        job = await self.jobs.get(job.id)
        if not job.state.is_over:
            await self.end(job, state, self.charge(job, None), error if job.intent_at is None else in_doubt)
        return None

    async def follow(self, job: J, within: float, on_change: OnChange | None = None) -> Run:
        """Wait for the end of a job's run."""
        return await self.services.follower.follow(
            self.runs, job.remote_id or "", within=within, cancel=job.cancel_requested, on_change=on_change
        )

    def charge(self, job: J, run: Run | None) -> int:
        """Say at how many micro-dollars a job's own run is booked, whatever became of it."""
        return charge(job, run, partial(self.cost, self.services.prices, job))

    async def end(self, job: J, state: JobState, cost: int, error: Notice | None = None) -> None:
        """End a job and settle its money; one that is over stays as it is."""
        at = self.services.now()
        self.note_end(await self.jobs.end(job.id, state, cost, at, error), at)

    async def end_canceled(self, job: J, cost: int) -> None:
        """End a job whose run was ended before it was done, by its owner or by Replicate."""
        wanted = (await self.jobs.get(job.id)).cancel_requested
        await self.end(job, JobState.CANCELED, cost, outcomes.CANCELED if wanted else outcomes.ENDED)

    async def end_broken(self, job_id: str, why: Notice | None = None) -> None:
        """End a job whose flow broke, with its run and its parts; one that is over stays as it is."""
        job = await self.jobs.get(job_id)
        if job.state.is_over:
            return
        parts = await self.services.store.generations.parts_of(job_id)
        await asyncio.gather(*(self.kinds[Generation].end_broken(part.id) for part in parts))
        own = await self._charge_broken(job)
        await self.end(job, JobState.FAILED, own + await self.cost_of_parts(job_id), why)

    async def work_on_parts(self, job_id: str) -> None:
        """Bring the parts of a job to their ends, several at a time, without telling.

        All are brought as far as they go before the first error is raised.
        """
        free = asyncio.Semaphore(AT_ONCE)

        async def work(part: Generation) -> None:
            async with free:
                await self.kinds[Generation].work(part.id)

        parts = await retrying(self.services.store.generations.parts_of, job_id)
        for outcome in await asyncio.gather(*map(work, parts), return_exceptions=True):
            if outcome is not None:
                raise outcome

    async def cost_of_parts(self, job_id: str) -> int:
        """Add up what the parts of a job did cost."""
        return sum(part.cost or 0 for part in await self.services.store.generations.parts_of(job_id))

    async def _charge_broken(self, job: J) -> int:
        """Say what a job is charged whose flow broke; where its run goes on, it is cancelled first.

        Where it may have a run that nobody has heard of, that is searched for, and booked in place of the estimate.
        """
        if job.cost is not None:
            return job.cost  # measured before it broke, and never to be replaced by an estimate
        if self.has_run and job.remote_id:
            run = await self.services.follower.follow(self.runs, job.remote_id, within=0.0, cancel=True)
            return self.charge(job, run)
        if job.intent_at is not None:
            await self.jobs.update(job.id, watch_until=self.services.now() + WATCHED)
        return self.charge(job, None)

    def note_end(self, job: J, at: float) -> None:
        """Log and count what became of a job, if it was ended at this time and not before: flows run again."""
        if job.ended_at != at:
            return
        logger.info("job %s is over: %s, cost %s micro-dollars", job.id, job.state, job.cost)
        name = self.entity.__name__.lower()
        metrics.job_over(name, job.state)
        if not (isinstance(job, Generation) and job.parent_id):  # else its parent is charged for it, and told of
            metrics.charged(name, job.cost or 0)
            self._untold.add(job.id)

    async def tell(self, job_id: str) -> None:
        """Tell of the end of a job, once."""
        job = await self.jobs.get(job_id)
        if not job.delivered:
            look_first = job_id not in self._untold
            self._untold.discard(job_id)
            delivery = await self._deliver(job, look_first=look_first)
            moved = delivery.message_id is not None and not self.keeps_status
            place = {"message_id": delivery.message_id} if moved else {}
            await self.jobs.update(job_id, delivered=delivery.place, **place)
            logger.info("job %s is delivered: %s", job_id, delivery.place)
        await self.clean_up(job)

    async def _deliver(self, job: J, *, look_first: bool) -> Delivery:
        try:
            outcome = await self.told(job)
        except LookupError as error:
            logger.warning("job %s: there is nothing left to tell of: %s", job.id, error)
            return Delivery("kept")
        return await self.announcer.over(outcome, look_first=look_first)
