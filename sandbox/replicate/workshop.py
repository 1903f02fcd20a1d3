"""Runs painting and learning in a process of its own, so that the world keeps answering meanwhile."""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

A = TypeVar("A")
R = TypeVar("R")


class WorkshopLostError(Exception):
    """The worker process died; what it did is lost."""


class Workshop:
    """Worker processes, started when first needed; with none of them the work is done in a thread."""

    def __init__(self, workers: int = 1) -> None:
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None

    async def do(self, work: Callable[[A], R], order: A) -> R:
        """Call a top-level function there with its order; raises what it raises."""
        if not self._workers:
            return await asyncio.to_thread(work, order)
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._workers, mp_context=multiprocessing.get_context("spawn"), initializer=_settle
            )
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work, order)
        except BrokenProcessPool as error:
            self._pool = None
            raise WorkshopLostError("the painter's process died") from error

    def close(self) -> None:
        """Let the worker finish what it holds and leave."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None


def _settle() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the world's to answer
    os.nice(10)  # the bot comes first on a small machine
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # read when numpy is imported, which is not yet
