"""Keeps jobs going: each has one task, begun when it is accepted, and anew wherever its row says that it is not over.

How far a job is, its row says, and nothing else does: whatever begins anew reads it first.
"""

import asyncio
import logging
import secrets
import sqlite3
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from tenacity import AsyncRetrying, before_sleep_log, retry_if_exception, stop_after_attempt, wait_exponential

from bot.errors import RemoteError, RemoteRefused, RemoteThrottled

logger = logging.getLogger(__name__)
R = TypeVar("R")
ATTEMPTS = 9  # with pauses of 1 + 2 + 4 ... seconds: four minutes of trouble before a flow breaks
PAUSE = 1.0
LOOK = 10.0  # seconds between two looks for jobs that nobody works on
LASTING = (FileNotFoundError, FileExistsError, NotADirectoryError, IsADirectoryError, PermissionError)
"""What the disk says of our own files that no waiting changes; a full one, or one that fails, may recover."""


class Flow(Protocol):
    """What is done for one kind of job, safe to be begun anew at any point."""

    async def run(self, job_id: str) -> None:
        """Bring a job to its end, from wherever it stands."""
        ...

    async def fail(self, job_id: str, error_id: str) -> None:
        """End a job whose flow broke, and tell its owner the id under which the log has the cause."""
        ...

    async def unfinished(self, before: float) -> Sequence[str]:
        """List the jobs accepted before a time that are not over, or whose end nobody was told."""
        ...


class Engine:
    """Begins flows, and carries on with those that a stopped process, or a full disk, left."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._flows: Mapping[str, Flow] = {}
        self._tasks: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._watch: asyncio.Task[None] | None = None
        self._closed = False

    async def launch(self, flows: Mapping[str, Flow]) -> None:
        """Begin with what the last process left unfinished, and look again for ever."""
        self._flows = flows
        await self._look(self._now())
        self._watch = asyncio.create_task(self._keep_looking(), name="carry on")

    async def close(self) -> None:
        """Stop, as if the process had been killed; what is unfinished goes on at the next launch."""
        self._closed = True
        tasks = [*self._tasks.values(), *([self._watch] if self._watch else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def start(self, name: str, job_id: str) -> None:
        """Begin the flow of a job; one that is under way is left alone, and all of them while the bot closes."""
        if self._closed or (name, job_id) in self._tasks:
            return
        logger.info("job %s begins: %s", job_id, name)
        task = asyncio.create_task(self._run(name, job_id), name=f"{name} {job_id}")
        self._tasks[name, job_id] = task
        task.add_done_callback(lambda _: self._tasks.pop((name, job_id)))

    async def _run(self, name: str, job_id: str) -> None:
        flow = self._flows[name]
        try:
            await flow.run(job_id)
        except Exception:  # the last stand: whatever broke, the owner is told and the money is settled
            error_id = secrets.token_hex(4)
            logger.exception("flow %s of job %s broke (error %s)", name, job_id, error_id)
            try:
                await retrying(flow.fail, job_id, error_id)
            except Exception:  # a full disk, or the like: its row goes on saying that it is not over
                logger.exception("job %s could not be ended (error %s); it goes on later", job_id, error_id)

    async def _keep_looking(self) -> None:
        while True:
            before = self._now()  # what is accepted meanwhile is begun by whoever accepted it
            await asyncio.sleep(LOOK)
            await self._look(before)

    async def _look(self, before: float) -> None:
        """Begin what nobody works on: beside what a stopped process left, what a full disk kept from its end."""
        try:
            for name, flow in self._flows.items():
                for job_id in await flow.unfinished(before):
                    self.start(name, job_id)
        except Exception:  # whatever stands in the way now may not do so at the next look
            logger.exception("unfinished jobs could not be looked for; the next try is in %.0f s", LOOK)


async def retrying(function: Callable[..., Coroutine[Any, Any, R]], *arguments: Any) -> R:
    """Run a step, and again after what passes, for four minutes; raises what the last try raised."""
    tries = AsyncRetrying(
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_exponential(PAUSE),
        retry=retry_if_exception(_is_passing),
        before_sleep=before_sleep_log(logger, logging.WARNING),
        reraise=True,
    )
    return await tries(function, *arguments)


def _is_passing(error: BaseException) -> bool:
    if isinstance(error, RemoteError):
        return isinstance(error, RemoteThrottled) or not isinstance(error, RemoteRefused)
    return isinstance(error, OSError | sqlite3.OperationalError) and not isinstance(error, LASTING)
