"""What the use cases share: the store, the ways to the outside, and the limits that the operator set."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.dataset.workshop import Workshop
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
    _owner: str = field(default="", init=False)

    def check_remote(self) -> None:
        """Refuse what Replicate would refuse anyway, before anything is reserved; raises UserError."""
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
