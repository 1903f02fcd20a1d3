"""What flows and use cases work with, gathered in one bag; `bot.app.wire` fills it, for the bot and for tests."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.dataset.workshop import Workshop
from bot.domain.copies import Copy
from bot.domain.entities import Progress
from bot.domain.money import PriceList
from bot.domain.policy import Policy
from bot.files.disk import Disk
from bot.flows.engine import Engine
from bot.flows.following import Follower
from bot.flows.keeping import Keeper
from bot.flows.submitting import Submitter
from bot.outside.downloads import Downloads
from bot.outside.hugging_face import Hub
from bot.replicate_api import Replicate
from bot.store import Store
from bot.vocabulary import Vocabulary


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
    policy: Policy
    """What the team allows."""
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
