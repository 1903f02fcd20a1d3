"""What flows work with, gathered in one place by the composition root."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bot.domain.entities import Progress
from bot.downloads import Downloads
from bot.flows.keeping import Keeper
from bot.flows.submitting import Submitter
from bot.follow import Follower
from bot.replicate_api import Replicate
from bot.store import Store


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
