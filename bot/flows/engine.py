"""The seam to DBOS, which remembers how far each flow has come and goes on there after a restart.

Every setting here was found by a failure: the pinned version (a new release must take over the jobs of the old one),
the fixed executor id (recovery is only for the same), bounded threads, no limit of recoveries, JSON, and WAL.
"""

import asyncio
import logging
import secrets
import sqlite3
import time
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID
from tenacity import AsyncRetrying, before_sleep_log, retry_if_exception, stop_after_attempt, wait_exponential

from bot.errors import RemoteError, RemoteRefused, RemoteThrottled

logger = logging.getLogger(__name__)
R = TypeVar("R")
THREADS = 8
ATTEMPTS = 9  # with pauses of 1 + 2 + 4 ... seconds: four minutes of trouble before a step gives up
PAUSE = 1.0
FIRST_WITH_FRACTIONS = (3, 42)
"""SQLite that knows unixepoch('subsec'), which DBOS uses on Python 3.12 and newer; Debian 12 has 3.40."""
LASTING = (FileNotFoundError, FileExistsError, NotADirectoryError, IsADirectoryError, PermissionError)
"""What the disk says of our own files that no waiting changes; a full one, or one that fails, may recover."""
DONE = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


class Step(Protocol):
    """Runs an effect once and for all: its result is recorded, and it is not run again after it."""

    async def __call__(
        self, name: str, function: Callable[..., Coroutine[Any, Any, R]], *arguments: Any, recorded: bool = True
    ) -> R:
        """Run `function(*arguments)`, safe to be run again, and return its result, which must be JSON.

        What passes is tried again for four minutes. A step that is not recorded runs again with its flow.
        """
        ...


class Flow(Protocol):
    """A durable sequence of steps for one job."""

    async def run(self, step: Step, job_id: str) -> None:
        """Bring a job to its end, from wherever it stands."""
        ...

    async def fail(self, job_id: str, error_id: str) -> None:
        """End a job whose flow broke, and tell its owner the id under which the log has the cause."""
        ...


class _Connection(sqlite3.Connection):
    """Flushes at checkpoints only: what a power cut takes, the rows of atelier.db start again, and steps bear that."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.execute("PRAGMA synchronous=NORMAL")
        if sqlite3.sqlite_version_info < FIRST_WITH_FRACTIONS:
            self.create_function("unixepoch", 1, _now)


class Engine:
    """Starts flows and carries on with those that a stopped process left."""

    def __init__(self, path: Path) -> None:
        self._flows: Mapping[str, Flow] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._under_way: set[tuple[str, str]] = set()
        config: DBOSConfig = {
            "name": "atelier",
            "system_database_url": f"sqlite:///{path}",
            "db_engine_kwargs": {"connect_args": {"factory": _Connection}},
            "executor_id": "atelier",
            "application_version": "1",
            "max_executor_threads": THREADS,
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "ERROR",
            "console_log_level": "ERROR",
        }
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
        connection.close()
        DBOS(config=config)

        async def flow(name: str, job_id: str) -> None:  # DBOS takes functions, not methods
            await self._run(name, job_id)

        self._workflow = DBOS.workflow(name="flow", max_recovery_attempts=None)(flow)

    def launch(self, flows: Mapping[str, Flow]) -> None:
        """Begin, inside the running loop, with what the last process left unfinished."""
        self._flows = flows
        DBOS.launch()

    async def close(self) -> None:
        """Stop; unfinished flows go on at the next launch."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()  # DBOS records nothing of a cancelled task, so that it is as if the process had been killed
        await asyncio.gather(*tasks, return_exceptions=True)
        DBOS.destroy(destroy_registry=True)

    async def start(self, name: str, job_id: str) -> None:
        """Start the flow of a job that was just accepted; once more changes nothing."""
        await self._begin(f"{name}-{job_id}", name, job_id)

    async def resume(self, name: str, job_id: str) -> None:
        """Start the flow of a job that nobody works on, anew where it broke; one that is under way is left alone."""
        if (name, job_id) in self._under_way:
            return
        workflow_id = f"{name}-{job_id}"
        attempt = 1
        while status := await DBOS.get_workflow_status_async(workflow_id):
            if status.status not in DONE:
                return
            attempt += 1
            workflow_id = f"{name}-{job_id}-{attempt}"
        await self._begin(workflow_id, name, job_id)

    async def _begin(self, workflow_id: str, name: str, job_id: str) -> None:
        logger.info("job %s begins: %s", job_id, workflow_id)
        with SetWorkflowID(workflow_id):
            await DBOS.start_workflow_async(self._workflow, name, job_id)

    async def _run(self, name: str, job_id: str) -> None:
        flow = self._flows[name]
        self._track(asyncio.current_task())
        self._under_way.add((name, job_id))
        try:
            await flow.run(_step, job_id)
        except Exception as error:  # the last stand: whatever broke, the owner is told and the money is settled
            if isinstance(getattr(error, "orig", None), sqlite3.Error):
                raise  # jobs.db could not be written; how far the job is, its row says too, so it is begun anew
            error_id = secrets.token_hex(4)
            logger.exception("flow %s of job %s broke (error %s)", name, job_id, error_id)
            await _step("fail", flow.fail, job_id, error_id)
        finally:
            self._under_way.discard((name, job_id))

    def _track(self, task: asyncio.Task[Any] | None) -> None:
        if task:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)


def _now(_modifier: str) -> float:
    """Stand in for SQLite's unixepoch('subsec')."""
    return round(time.time(), 3)


async def _step(
    name: str, function: Callable[..., Coroutine[Any, Any, R]], *arguments: Any, recorded: bool = True
) -> R:
    if not recorded:
        return await _patiently(function, *arguments)
    return cast("R", await DBOS.run_step_async({"name": name}, _patiently, function, *arguments))


async def _patiently(function: Callable[..., Coroutine[Any, Any, R]], *arguments: Any) -> R:
    """Try again after what passes; raises what the last try raised."""
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
