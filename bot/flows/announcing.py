"""The protocol of whoever tells people what came of a job; flows know nothing of Discord."""

from dataclasses import dataclass
from typing import Literal, Protocol

from bot.domain.entities import Progress, Training
from bot.views.outcomes import Outcome

Place = Literal["message", "direct message", "kept"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where a result went; "kept" means that only /jobs shows it."""

    place: Place
    message_id: int | None = None


class Announcer(Protocol):
    """Tells people in their channel; raises nothing for what Discord refuses for good."""

    async def training_status(self, training: Training, progress: Progress | None, *, look_first: bool) -> int | None:
        """Post a training's status message, or edit it; returns the message's id.

        With look_first, a message that an earlier process may have posted is looked for before a new one is posted.
        """
        ...

    async def over(self, outcome: Outcome, *, look_first: bool) -> Delivery:
        """Tell what came of a job, where it can be told; "kept" when only a press, or /jobs, shows it.

        With look_first, a message that an earlier try may have posted is looked for before a new one is posted.
        """
        ...
