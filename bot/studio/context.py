"""What the use cases share: the store, the ways to the outside, and the limits that the operator set."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.dataset.workshop import Workshop
from bot.disk import Disk
from bot.domain import outcomes
from bot.domain.copies import Copy
from bot.domain.money import PriceList
from bot.downloads import Downloads
from bot.errors import RemoteError, RemoteRefused, RemoteThrottled, UserError
from bot.flows.engine import Engine
from bot.follow import Follower
from bot.replicate_api import Replicate
from bot.store import Budgets, Store
from bot.vocabulary import Vocabulary


@dataclass(slots=True, kw_only=True)
class Context:
    """Everything a use case may touch."""

    store: Store
    remote: Replicate
    engine: Engine
    follower: Follower
    downloads: Downloads
    workshop: Workshop
    budgets: Budgets
    prices: PriceList
    trainer: str
    """owner/name of the trainer, with :version where the operator insists on one."""
    data: Path
    copies: Sequence[Copy] = ()
    """Where trainings are copied to, besides Replicate."""
    enrich_model: str = ""
    """owner/name of the language model that rewrites prompts; empty where there is none."""
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    now: Callable[[], float] = time.time
    disk: Disk = field(init=False)
    _owner: str = field(default="", init=False)

    def __post_init__(self) -> None:
        """Look after the disk that the data lies on."""
        self.disk = Disk(self.data)

    def check_ready(self) -> None:
        """Refuse, before money is reserved, what Replicate would refuse or no room is left for; raises UserError."""
        self.disk.check()
        trouble = self.remote.breaker.trouble
        if trouble:
            raise UserError(outcomes.refusal(trouble.status, trouble.detail))

    async def owner(self) -> str:
        """Look up, once, the account that owns the models; raises UserError."""
        if not self._owner:
            try:
                self._owner = await self.remote.account()
            except RemoteError as error:
                raise told(error) from error
        return self._owner


def told(error: RemoteError) -> UserError:
    """Put what Replicate answered to a look-up into a sentence."""
    if isinstance(error, RemoteRefused) and not isinstance(error, RemoteThrottled):
        return UserError(outcomes.refusal(error.status, error.detail))
    return UserError(outcomes.LATER)
