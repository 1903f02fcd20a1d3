"""What all entities have in common: who asks and where, how far a job is, what may be chosen."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

Setting: TypeAlias = str | int | float | bool
"""A chosen value of a model's field, as Replicate gets it."""


class JobState(StrEnum):
    """Where a training or a generation stands."""

    WAITING = "waiting"  # accepted, its money reserved, not yet with Replicate
    RUNNING = "running"  # Replicate has it
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def is_over(self) -> bool:
        """Tell whether nothing more will happen."""
        return self in (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELED)


class Kind(StrEnum):
    """What the photos of a fine-tune show."""

    SUBJECT = "subject"
    STYLE = "style"
    PRODUCT = "product"


class Variant(StrEnum):
    """The FLUX.1 model that a fine-tune paints on."""

    DEV = "dev"
    SCHNELL = "schnell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks, and where: taken from the interaction, never from an option."""

    guild_id: int
    user_id: int
    channel_id: int
    message_id: int | None = field(default=None, compare=False)
    """The message that will show what came of it, where there is one already; the actor is the same without it."""
    roles: frozenset[int] = field(default=frozenset(), compare=False)
    """The roles that they have in this guild now."""
    manages: bool = field(default=False, compare=False)
    """Whether they may manage this guild."""
