"""The submit protocol: how a request that costs money reaches Replicate once, whatever happens on the way.

Replicate knows no idempotency keys, so nothing but looking tells whether a request took effect. The intent is written
before a request leaves. A process that finds an intent of another one, or that got no clear answer, looks the run up
for as long as the request may still be under way, and only then sends it again.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bot.domain.entities import Job
from bot.errors import AtelierError, RemoteError, RemoteRefused, RemoteThrottled, RemoteUnclear
from bot.flows.following import BURST, REQUESTS_PER_SECOND
from bot.replicate_api import NotSentError, Replicate, Run, RunKind, RunState
from bot.replicate_api.rate_limit import RateLimit
from bot.store.jobs import Jobs

logger = logging.getLogger(__name__)

FORGOTTEN = 3300.0  # seconds; Replicate drops what a prediction was made from after an hour
WATCHED = FORGOTTEN  # seconds in which a run that comes later than the grace is searched for
LISTED = 5.0  # seconds in which a run that took effect comes into Replicate's list; nobody promises that it is at once
SENDS = 3  # requests without a clear answer before we give up
PATIENCE = 900.0  # seconds that a job may wait for Replicate to take it
ALWAYS_READ = 200  # runs that a look-up reads whatever their time says, in case the clocks disagree
CLOCKS = 300.0  # seconds that the clocks may disagree
AWAY = 5.0  # seconds until the next try when Replicate cannot be reached


class GaveUp(AtelierError):
    """Nothing more may be sent: it could pay twice, or Replicate was away for too long."""

    def __init__(self, why: str, *, may_have_run: bool) -> None:
        super().__init__(why)
        self.may_have_run = may_have_run


@dataclass(frozen=True, slots=True)
class Submission:
    """One run to be paid for: how to ask for it, and how to recognise it."""

    kind: RunKind
    jobs: Jobs[Any]
    job_id: str
    send: Callable[[], Awaitable[Run]]
    recognise: Callable[[Run], bool]


class Submitter:
    """Sends submissions, each at most once as far as anyone can tell."""

    def __init__(
        self,
        remote: Replicate,
        *,
        boot: str,
        grace: float,
        rate_limit: RateLimit | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._remote = remote
        self._rate_limit = rate_limit or RateLimit(REQUESTS_PER_SECOND, BURST)
        """Shared with the follower."""
        self._boot = boot
        self._grace = grace
        """Seconds after which a request cannot take effect any more."""
        self._now = now
        self._began = time.monotonic()
        self._sent: dict[str, float] = {}
        """When this process last sent a job's request, on the monotonic clock."""

    async def submit(self, submission: Submission) -> Run | None:
        """Have a job's run at Replicate, and its id in the job's row; None when it was cancelled before, or is over.

        Raises RemoteRefused when Replicate will not have it, GaveUp when nothing can be said; after both, nothing more
        may be sent for this job. RemoteUnclear says that looking failed: submit again.
        """
        until = time.monotonic() + PATIENCE
        unclear = 0
        while True:
            job: Job = await submission.jobs.get(submission.job_id)
            if job.remote_id:
                return Run(id=job.remote_id, state=RunState.PROCESSING, input={})
            if self._may_be_there(job):
                found = await self._look_up_or_watch(submission, job)
                if found:
                    return found
                self._refuse_stale(submission, job)
                job = await submission.jobs.get(
                    submission.job_id
                )  # looking took its time, in which it may have been cancelled
            if job.state.is_over or job.cancel_requested:
                return None
            if unclear >= SENDS or time.monotonic() > until:
                why = f"job {job.id} was sent {unclear} times without a clear answer"
                raise GaveUp(why, may_have_run=job.intent_at is not None)
            run = await self._send(submission, job)
            if run and await self._adopt(submission, run):
                return run
            unclear += submission.job_id in self._sent

    def _may_be_there(self, job: Job) -> bool:
        return job.intent_at is not None and (job.intent_boot != self._boot or job.id in self._sent)

    async def _send(self, submission: Submission, job: Job) -> Run | None:
        """Send once; None when the answer leaves open what happened, or says that it should be sent later."""
        await self._rate_limit.turn()  # before the intent, from which the grace is counted
        await submission.jobs.update(job.id, intent_at=job.intent_at or self._now(), intent_boot=self._boot)
        self._sent[job.id] = time.monotonic()
        try:
            return await submission.send()
        except NotSentError as error:
            logger.warning("job %s: %s", job.id, error)
            await self._take_back(submission, job)
            await asyncio.sleep(AWAY)
        except RemoteThrottled as error:
            logger.info("job %s waits %.0f s: %s", job.id, error.retry_after, error.detail)
            await self._take_back(submission, job)
            await asyncio.sleep(error.retry_after)
        except RemoteRefused as error:
            logger.warning("job %s: Replicate refuses it with status %s", job.id, error.status)
            await self._take_back(submission, job)
            raise
        except RemoteUnclear as error:
            logger.warning("job %s: %s; looking it up", job.id, error)
        return None

    async def _take_back(self, submission: Submission, job: Job) -> None:
        """Forget a request that surely had no effect; the intent of an earlier one, which is in doubt, stays."""
        del self._sent[job.id]
        if job.intent_at is None:
            await submission.jobs.update(job.id, intent_at=None)

    async def _look_up_or_watch(self, submission: Submission, job: Job) -> Run | None:
        """Look a job's run up; where none is found, note for how long one that comes later is searched for."""
        try:
            found = await self._look_up(submission, job)
        except RemoteError:
            await self._watch(submission)
            raise
        if found is None:
            await self._watch(submission)
        return found

    async def _watch(self, submission: Submission) -> None:
        await submission.jobs.update(submission.job_id, watch_until=self._now() + WATCHED)

    async def _look_up(self, submission: Submission, job: Job) -> Run | None:
        """Look for a job's run until one that took effect must be in the list; one that is found is the job's."""
        # Another process's request left before this one began; no clock on the wall is needed to know that.
        until = self._sent.get(job.id, self._began) + self._grace + LISTED
        pause = 0.5
        while True:
            is_last = time.monotonic() >= until  # what comes during a look may not be in it
            found = await self._find(submission, job)
            if found or is_last:
                return found
            await asyncio.sleep(min(pause, max(0.05, until - time.monotonic())))
            pause *= 2

    async def _find(self, submission: Submission, job: Job) -> Run | None:
        await self._rate_limit.turn()
        try:
            async for run in recent_since(self._remote, submission.kind, job.intent_at or 0):
                if submission.recognise(run) and await self._adopt(submission, run):
                    logger.info("job %s was found at Replicate", job.id)
                    return run
        except RemoteThrottled as error:
            await asyncio.sleep(error.retry_after)
            raise RemoteUnclear("Replicate had no time for a look-up") from error
        return None

    def _refuse_stale(self, submission: Submission, job: Job) -> None:
        """Send nothing again whose first run Replicate would no longer let us recognise."""
        if job.id not in self._sent and self._now() - (job.intent_at or 0) > FORGOTTEN:
            raise GaveUp(f"job {job.id} was sent more than an hour ago and cannot be found", may_have_run=True)

    async def _adopt(self, submission: Submission, run: Run) -> bool:
        """Give a run to a job; tells whether the job has it now and goes on.

        Of two jobs that ask for the very same, the first has it, and the other looks on for its own.
        """
        job: Job | None = await submission.jobs.adopt(submission.job_id, run.id, run.web, self._now())
        if job is None:
            return False
        self._sent.pop(job.id, None)
        has_it = job.remote_id == run.id and not job.state.is_over
        if has_it:
            logger.info("job %s is %s %s at Replicate", job.id, submission.kind.removesuffix("s"), run.id)
        else:
            logger.warning("job %s needs run %s no more; it is cancelled, and paid by itself", job.id, run.id)
        return has_it


async def recent_since(remote: Replicate, kind: RunKind, since: float) -> AsyncIterator[Run]:
    """List the runs that were made since a time, newest first, and some that are older."""
    read = 0
    async for run in remote.recent(kind):
        yield run
        read += 1
        if read >= ALWAYS_READ and run.created_at < since - CLOCKS:
            return
