"""What waits for a press of a button, for a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.entities.fine_tunes import Plan
from bot.domain.entities.jobs import Comparison, Generation


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A vetted upload, waiting for its owner to press Start; its id is that of the interaction that brought it."""

    id: str
    guild_id: int
    owner_id: int
    channel_id: int
    plan: Plan
    report: Mapping[str, Any]
    """What `dataset.report` says of the pictures, as JSON."""
    archive: str
    """The clean zip, relative to the data directory."""
    sha256: str
    estimate: int
    created_at: float
    consent_at: float | None = None
    """When the owner declared that the pictures are theirs or that the people in them agree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one prompt with choices stands for, waiting for *Paint all*; its id is that of the interaction."""

    id: str
    guild_id: int
    owner_id: int
    channel_id: int
    wishes: tuple[Generation, ...]
    """Not accepted yet; each has the id under which it will be."""
    comparison: Comparison | None = None
    """The comparison whose parts they are, not accepted yet either; None where each is posted by itself."""
    created_at: float

    @property
    def estimate(self) -> int:
        """Add up what they will cost."""
        return sum(wish.estimate for wish in self.wishes)

    @property
    def pictures(self) -> int:
        """Count the pictures that will be painted."""
        return sum(wish.recipe.count for wish in self.wishes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What somebody looks for in the gallery, kept so that its buttons can turn pages; its id is the interaction's."""

    id: str
    guild_id: int
    owner_id: int
    words: str
    """As they were typed; all of them are in the prompts, the last one perhaps only begun."""
    fine_tune_id: int | None = None
    """Whose pictures alone are wanted; None for those of every model."""
    mine: bool = False
    """Whether only the searcher's own pictures are wanted."""
    created_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Pictures of somebody's message that a member wants to use; its id is that of the interaction."""

    id: str
    guild_id: int
    owner_id: int
    channel_id: int
    paths: tuple[str, ...]
    """Clean, relative to the data directory."""
    created_at: float
