"""What flows work with, gathered in one place by the composition root."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bot.domain.entities import JobState, Progress
from bot.downloads import Downloads
from bot.flows.keeping import Keeper
from bot.flows.submitting import Submitter
from bot.follow import Follower
from bot.replicate_api import Replicate
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
    boot: str
    """Names this process among all that ever ran."""
    progress: dict[str, Progress] = field(default_factory=dict[str, Progress])
    """How far the trainings of this process are, by job id."""
    now: Callable[[], float] = time.time

    async def conclude(self, jobs: Jobs[J], job_id: str, state: JobState, cost: int, error: str | None = None) -> None:
        """End a job and settle its money."""
        job = await jobs.conclude(job_id, state, cost, self.now(), error)
        logger.info("job %s is over: %s, cost %s micro-dollars", job_id, job.state, job.cost)
