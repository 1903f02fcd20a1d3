"""The states of a job and what follows from each change: log, webhook, bill, removal after an hour."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from sandbox.replicate.clock import Clock, now
from sandbox.replicate.faults import ERRORS, Habits
from sandbox.replicate.jobs import Job
from sandbox.replicate.ledger import Credit, Ledger
from sandbox.replicate.state import State
from sandbox.replicate.webhooks import Courier

log = logging.getLogger(__name__)

RETENTION = 3_600.0  # seconds that a prediction's input, output and logs are kept


class RunError(Exception):
    """The run fails; the text is its `error`."""


class AbortedError(Exception):
    """The run ends before it started, which costs nothing."""


class Lifecycle:
    """Moves jobs from state to state."""

    def __init__(self, state: State, clock: Clock, habits: Habits, courier: Courier, ledger: Ledger) -> None:
        self.state, self.clock, self.habits, self.courier, self.ledger = state, clock, habits, courier, ledger
        self.retention = RETENTION
        self._warm: set[str] = set()  # versions that a machine runs
        self._tasks: dict[str, asyncio.Task[None]] = {}

    @property
    def credit(self) -> Credit:
        """How much credit the account has, by its balance or a habit."""
        return self.ledger.credit if self.habits.credit == "plenty" else self.habits.credit

    def launch(self, job: Job, run: Coroutine[Any, Any, Any]) -> None:
        """Run a job in the background; `run` sets its output or raises RunError."""
        task = asyncio.create_task(self._follow(job, run), name=f"job {job.id}")
        self._tasks[job.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(job.id, None))

    async def close(self) -> None:
        """Stop everything; unfinished jobs stay unfinished and go on at the next start."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self, job: Job, run: Coroutine[Any, Any, Any]) -> None:
        try:
            async with job.time.limit((job.deadline - now()).total_seconds() if job.deadline else None):
                await run
        except TimeoutError:
            self.finish(job, "canceled" if job.started_at else "aborted")
        except AbortedError:
            self.finish(job, "aborted")
        except RunError as error:
            self.finish(job, "failed", str(error))
        except Exception:  # whatever breaks inside a run ends that run, as it does at Replicate
            log.exception("job %s broke", job.id)
            self.finish(job, "failed", ERRORS["E9828"])
        else:
            self.finish(job, "succeeded")

    async def start(self, job: Job, after: float) -> None:
        """Leave the queue after `after` seconds, unless a bad habit keeps the job there."""
        await self.clock.sleep(after * job.pace + self._for_a_machine(job))
        if self.habits.stuck == "starting":
            await asyncio.Event().wait()
        if self.habits.abort:
            raise AbortedError
        job.status, job.started_at = "processing", now()
        job.touch()
        self.courier.tell(job, "start")
        if self.habits.stuck == "processing":
            await asyncio.Event().wait()
        if self.habits.fail_with is not None:
            raise RunError(ERRORS.get(self.habits.fail_with, self.habits.fail_with))

    def _for_a_machine(self, job: Job) -> float:
        """Draw how long a job waits in the queue, and for its machine to boot where none runs this version yet."""
        habits, warm = self.habits, job.version in self._warm
        self._warm.add(job.version)
        return self.state.dice.uniform(0.5, 1.5) * (habits.queue + (0.0 if warm else habits.cold_start))

    def write(self, job: Job, text: str) -> None:
        """Add to the log of a job."""
        job.logs += text
        job.touch()
        self.courier.tell(job, "logs")

    def give(self, job: Job, output: Any, *, complete: bool = True) -> None:
        """Show the output, or what there is of it so far."""
        job.output, job.complete = output, complete
        job.touch()
        self.courier.tell(job, "output")

    def cancel(self, job: Job) -> None:
        """Cancel a job that is not over; one that is stays as it is."""
        if job.done:
            return
        task = self._tasks.get(job.id)
        self.finish(job, "canceled")
        if task is not None:
            task.cancel()

    def finish(self, job: Job, status: str, error: str | None = None) -> None:
        """End a job: measure, bill, tell, and see to the removal of its data."""
        if job.done:
            return
        job.status, job.error, job.completed_at = status, error, now()
        if status == "canceled" and job.started_at is None:
            job.started_at, job.used = job.completed_at, 3e-06
        if status != "aborted":
            waited = ((job.started_at or job.completed_at) - job.created_at).total_seconds()
            job.metrics |= {"predict_time": round(job.used, 9), "total_time": round(job.used + waited, 6)}
        if status != "succeeded":
            job.output = None
        self.ledger.bill(job, images=job.metrics.get("image_count", 0))
        job.touch()
        self.courier.tell(job, "completed")
        if job.kind == "predictions":
            self.forget_later(job)

    def forget_later(self, job: Job) -> None:
        """Remove the data of a prediction when its time has come."""
        age = (now() - (job.completed_at or job.created_at)).total_seconds()
        asyncio.get_running_loop().call_later(max(0.0, self.clock.wall(self.retention) - age), self.forget, job)

    def forget(self, job: Job) -> None:
        """Remove input, output, files and logs of a prediction now; the object stays."""
        job.input, job.output, job.logs, job.data_removed = {}, None, "", True
        job.touch()
        if job.delivered is not None:
            for path in self.state.delivery_path(job.delivered).parent.glob(job.delivered.replace("/", "_") + "_*"):
                path.unlink()
